package dev.coxswain.kubelet.volume;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.env.PodFields;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ProjectedVolumeSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files that configMap, secret, downwardAPI and projected volumes show. */
final class Payloads {
  private static final int DEFAULT_MODE = 0644;
  private static final int OWNER_ONLY = 0600;

  private final ConfigSource source;
  private final ServiceAccountTokens tokens;

  Payloads(ConfigSource source, ServiceAccountTokens tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  Map<String, FileContent> of(ConfigMapVolumeSource volume, PodFields fields)
      throws ConfigException {
    return configMap(
        namespace(fields),
        volume.getName(),
        volume.getItems(),
        Boolean.TRUE.equals(volume.getOptional()),
        mode(volume.getDefaultMode(), DEFAULT_MODE));
  }

  Map<String, FileContent> of(SecretVolumeSource volume, PodFields fields) throws ConfigException {
    return secret(
        namespace(fields),
        volume.getSecretName(),
        volume.getItems(),
        Boolean.TRUE.equals(volume.getOptional()),
        mode(volume.getDefaultMode(), DEFAULT_MODE));
  }

  Map<String, FileContent> downward(
      List<DownwardAPIVolumeFile> items, @Nullable Integer defaultMode, PodFields fields)
      throws ConfigException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (DownwardAPIVolumeFile item : items) {
      String value =
          item.getFieldRef() != null
              ? fields.field(item.getFieldRef().getFieldPath())
              : fields.resource(item.getResourceFieldRef(), null);
      files.put(
          item.getPath(),
          FileContent.text(value, mode(item.getMode(), mode(defaultMode, DEFAULT_MODE))));
    }
    return files;
  }

  Map<String, FileContent> of(ProjectedVolumeSource volume, PodFields fields)
      throws ConfigException {
    int mode = mode(volume.getDefaultMode(), DEFAULT_MODE);
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (VolumeProjection projection : volume.getSources()) {
      if (projection.getConfigMap() != null) {
        ConfigMapProjection part = projection.getConfigMap();
        boolean optional = Boolean.TRUE.equals(part.getOptional());
        files.putAll(configMap(namespace(fields), part.getName(), part.getItems(), optional, mode));
      } else if (projection.getSecret() != null) {
        SecretProjection part = projection.getSecret();
        boolean optional = Boolean.TRUE.equals(part.getOptional());
        files.putAll(secret(namespace(fields), part.getName(), part.getItems(), optional, mode));
      } else if (projection.getDownwardAPI() != null) {
        files.putAll(downward(projection.getDownwardAPI().getItems(), mode, fields));
      } else if (projection.getServiceAccountToken() != null) {
        String token = tokens.token(fields.pod(), projection.getServiceAccountToken());
        files.put(
            projection.getServiceAccountToken().getPath(), tokenFile(token, fields.pod(), mode));
      } else {
        throw new ConfigException("projected source is of a kind that is not supported");
      }
    }
    return files;
  }

  /**
   * A token is for the user as which all the pod's containers run, and for its group, where there
   * is one; where they run as different users without a group anybody in the pod may read it.
   */
  private static FileContent tokenFile(String token, Pod pod, int mode) {
    byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
    var security = pod.getSpec().getSecurityContext();
    boolean group = security != null && security.getFsGroup() != null;
    Set<Optional<Long>> users =
        Stream.concat(
                pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
            .map(container -> user(pod, container))
            .collect(Collectors.toSet());
    Optional<Long> user = users.size() == 1 ? users.iterator().next() : Optional.empty();
    return user.map(owner -> new FileContent(bytes, OWNER_ONLY, owner))
        .orElseGet(() -> new FileContent(bytes, group ? OWNER_ONLY : mode));
  }

  private static Optional<Long> user(Pod pod, Container container) {
    var own = container.getSecurityContext();
    if (own != null && own.getRunAsUser() != null) {
      return Optional.of(own.getRunAsUser());
    }
    var shared = pod.getSpec().getSecurityContext();
    return Optional.ofNullable(shared == null ? null : shared.getRunAsUser());
  }

  private Map<String, FileContent> configMap(
      String namespace, String name, List<KeyToPath> items, boolean optional, int mode)
      throws ConfigException {
    Optional<ConfigMap> found = source.configMap(namespace, name);
    if (found.isEmpty()) {
      return absent(optional, "configmap \"" + name + "\" not found");
    }
    Map<String, byte[]> data = new LinkedHashMap<>();
    found
        .get()
        .getData()
        .forEach((key, value) -> data.put(key, value.getBytes(StandardCharsets.UTF_8)));
    found
        .get()
        .getBinaryData()
        .forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
    return select(data, items, optional, mode, "configmap references non-existent config key: ");
  }

  private Map<String, FileContent> secret(
      String namespace, String name, List<KeyToPath> items, boolean optional, int mode)
      throws ConfigException {
    Optional<Secret> found = source.secret(namespace, name);
    if (found.isEmpty()) {
      return absent(optional, "secret \"" + name + "\" not found");
    }
    Map<String, byte[]> data = new LinkedHashMap<>();
    found.get().getData().forEach((key, value) -> data.put(key, Base64.getDecoder().decode(value)));
    return select(data, items, optional, mode, "references non-existent secret key: ");
  }

  private static Map<String, FileContent> select(
      Map<String, byte[]> data, List<KeyToPath> items, boolean optional, int mode, String missing)
      throws ConfigException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    if (items.isEmpty()) {
      data.forEach((key, value) -> files.put(key, new FileContent(value, mode)));
      return files;
    }
    for (KeyToPath item : items) {
      byte[] value = data.get(item.getKey());
      if (value != null) {
        files.put(item.getPath(), new FileContent(value, mode(item.getMode(), mode)));
      } else if (!optional) {
        throw new ConfigException(missing + item.getKey());
      }
    }
    return files;
  }

  private static Map<String, FileContent> absent(boolean optional, String message)
      throws ConfigException {
    if (optional) {
      return Map.of();
    }
    throw new ConfigException(message);
  }

  private static String namespace(PodFields fields) {
    return fields.pod().getMetadata().getNamespace();
  }

  private static int mode(@Nullable Integer mode, int otherwise) {
    return mode == null ? otherwise : mode;
  }
}
