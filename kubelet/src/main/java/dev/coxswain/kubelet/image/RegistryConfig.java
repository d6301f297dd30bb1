package dev.coxswain.kubelet.image;

import dev.coxswain.proto.cri.AuthConfig;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Credentials by registry, as Docker's {@code config.json} holds them. */
final class RegistryConfig {
  private static final JsonMapper JSON = new JsonMapper();

  private RegistryConfig() {}

  /**
   * All that match the image's registry, those for the longest path first.
   *
   * @param text {@code {"auths": {"registry": {…}}}}, or the older form without {@code auths}
   * @throws tools.jackson.core.JacksonException for what is no JSON
   * @throws IllegalArgumentException for what is no base64
   */
  static List<AuthConfig> matching(byte[] text, ImageReference image) {
    JsonNode root = JSON.readTree(text);
    JsonNode auths = root.has("auths") ? root.path("auths") : root;
    return matching(auths.properties(), image).stream().map(RegistryConfig::credentials).toList();
  }

  /** What is held for the image, by registry, that for the longest path first. */
  static <C> List<C> matching(Collection<Map.Entry<String, C>> byRegistry, ImageReference image) {
    return byRegistry.stream()
        .filter(entry -> matches(host(entry.getKey()), image))
        .sorted(Comparator.comparingInt(entry -> -host(entry.getKey()).length()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static AuthConfig credentials(JsonNode auth) {
    AuthConfig.Builder credentials =
        AuthConfig.newBuilder()
            .setUsername(auth.path("username").asString(""))
            .setPassword(auth.path("password").asString(""))
            // No server address: a runtime takes it for a URL and finds that no host is it.
            .setIdentityToken(auth.path("identitytoken").asString(""));
    String joined = auth.path("auth").asString("");
    if (credentials.getUsername().isEmpty() && !joined.isEmpty()) {
      String[] parts =
          new String(Base64.getDecoder().decode(joined.strip()), StandardCharsets.UTF_8)
              .split(":", 2);
      credentials.setUsername(parts[0]);
      credentials.setPassword(parts.length > 1 ? parts[1] : "");
    }
    return credentials.build();
  }

  private static String host(String entry) {
    String host = entry.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "");
    return host.equals("index.docker.io") ? "docker.io" : host;
  }

  /** A path is one of whole words here: {@code team} is not for {@code teams}. */
  private static boolean matches(String entry, ImageReference image) {
    int slash = entry.indexOf('/');
    String path = slash < 0 ? "" : entry.substring(slash + 1).replaceFirst("/$", "");
    return RegistryPattern.parse(slash < 0 ? entry : entry.substring(0, slash))
            .filter(pattern -> pattern.matchesRegistry(image.registry()))
            .isPresent()
        && (path.isEmpty() || image.path().equals(path) || image.path().startsWith(path + "/"));
  }
}
