package dev.coxswain.kubelet.image;

import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.proto.cri.AuthConfig;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The credentials that a pod's {@code imagePullSecrets} hold for a registry. */
final class PullSecrets {
  private static final Logger LOG = LoggerFactory.getLogger(PullSecrets.class);
  private static final JsonMapper JSON = new JsonMapper();

  private final ConfigSource source;

  PullSecrets(ConfigSource source) {
    this.source = source;
  }

  /** All that match the image's registry, in the pod's order. */
  List<AuthConfig> matching(Pod pod, ImageReference image) {
    List<AuthConfig> found = new ArrayList<>();
    for (LocalObjectReference reference : pod.getSpec().getImagePullSecrets()) {
      Optional<Secret> secret =
          source.secret(pod.getMetadata().getNamespace(), reference.getName());
      secret.ifPresent(one -> read(one, image, found));
    }
    return found;
  }

  private static void read(Secret secret, ImageReference image, List<AuthConfig> found) {
    Map<String, String> data = secret.getData();
    try {
      if (data.containsKey(".dockerconfigjson")) {
        JsonNode auths = JSON.readTree(decode(data.get(".dockerconfigjson"))).path("auths");
        collect(auths, image, found);
      } else if (data.containsKey(".dockercfg")) {
        collect(JSON.readTree(decode(data.get(".dockercfg"))), image, found);
      }
    } catch (JacksonException | IllegalArgumentException malformed) {
      LOG.warn(
          "Pull secret {}/{} is not a registry configuration; it is not used",
          secret.getMetadata().getNamespace(),
          secret.getMetadata().getName());
    }
  }

  private static void collect(JsonNode auths, ImageReference image, List<AuthConfig> found) {
    for (Map.Entry<String, JsonNode> entry : auths.properties()) {
      if (!matches(entry.getKey(), image)) {
        continue;
      }
      JsonNode auth = entry.getValue();
      AuthConfig.Builder credentials =
          AuthConfig.newBuilder()
              .setUsername(auth.path("username").asString(""))
              .setPassword(auth.path("password").asString(""))
              .setIdentityToken(auth.path("identitytoken").asString(""))
              .setServerAddress(entry.getKey());
      String joined = auth.path("auth").asString("");
      if (credentials.getUsername().isEmpty() && !joined.isEmpty()) {
        String[] parts =
            new String(decode(joined), java.nio.charset.StandardCharsets.UTF_8).split(":", 2);
        credentials.setUsername(parts[0]);
        credentials.setPassword(parts.length > 1 ? parts[1] : "");
      }
      found.add(credentials.build());
    }
  }

  private static boolean matches(String entry, ImageReference image) {
    String host = entry.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "");
    if (host.equals("index.docker.io")) {
      host = "docker.io";
    }
    String full = image.registry() + "/" + image.repository();
    return host.equals(image.registry()) || full.equals(host) || full.startsWith(host + "/");
  }

  private static byte[] decode(String base64) {
    return Base64.getDecoder().decode(base64.strip());
  }
}
