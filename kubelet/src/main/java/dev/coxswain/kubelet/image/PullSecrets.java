package dev.coxswain.kubelet.image;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.proto.cri.AuthConfig;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The credentials for an image: what the pod's {@code imagePullSecrets} hold, then what the node's
 * own file does, then what the node's programs say.
 */
final class PullSecrets {
  private static final Logger LOG = LoggerFactory.getLogger(PullSecrets.class);

  /** As much as a secret may hold. */
  private static final long FILE_BYTES = 1 << 20;

  private final ConfigSource source;
  private final Path file;
  private final CredentialPlugins plugins;

  /**
   * Credentials of pods and of a node.
   *
   * @param file a Docker configuration; need not be there, and is read anew for each pull
   */
  PullSecrets(ConfigSource source, Path file, CredentialPlugins plugins) {
    this.source = source;
    this.file = file;
    this.plugins = plugins;
  }

  /**
   * What there is.
   *
   * @param matching those for the image's registry, the pod's first and in its order
   * @param missing the names of secrets that the pod names and nobody has
   */
  record Found(List<AuthConfig> matching, List<String> missing) {}

  /** All credentials for the image. */
  Found find(Pod pod, ImageReference image) throws InterruptedException {
    List<AuthConfig> found = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (LocalObjectReference reference : pod.getSpec().getImagePullSecrets()) {
      Optional<Secret> secret = secret(pod, reference.getName());
      if (secret.isPresent()) {
        found.addAll(ofSecret(secret.get(), image));
      } else {
        missing.add(reference.getName());
      }
    }
    found.addAll(ofNode(image));
    found.addAll(plugins.matching(pod, image));
    return new Found(found, missing);
  }

  /** One that cannot be known is missing: the image may be had without it. */
  private Optional<Secret> secret(Pod pod, String name) {
    try {
      return source.secret(pod.getMetadata().getNamespace(), name);
    } catch (ApiException unknown) {
      LOG.warn(
          "Pull secret {}/{} cannot be read: {}",
          pod.getMetadata().getNamespace(),
          name,
          unknown.getMessage());
      return Optional.empty();
    }
  }

  private static List<AuthConfig> ofSecret(Secret secret, ImageReference image) {
    Map<String, String> data = Objects.requireNonNullElse(secret.getData(), Map.of());
    String text = data.getOrDefault(".dockerconfigjson", data.getOrDefault(".dockercfg", ""));
    try {
      return text.isEmpty()
          ? List.of()
          : RegistryConfig.matching(Base64.getDecoder().decode(text.strip()), image);
    } catch (JacksonException | IllegalArgumentException malformed) {
      LOG.warn(
          "Pull secret {}/{} is not a registry configuration; it is not used",
          secret.getMetadata().getNamespace(),
          secret.getMetadata().getName());
      return List.of();
    }
  }

  private List<AuthConfig> ofNode(ImageReference image) {
    try {
      if (Files.size(file) > FILE_BYTES) {
        throw new IOException("it has more than " + FILE_BYTES + " bytes");
      }
      return RegistryConfig.matching(Files.readAllBytes(file), image);
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException | JacksonException | IllegalArgumentException unusable) {
      // Jackson's messages quote what they read: none of that belongs in a log.
      LOG.warn(
          "{} is not a registry configuration; it is not used: {}",
          file,
          unusable instanceof IOException ? unusable.getMessage() : "malformed");
      return List.of();
    }
  }
}
