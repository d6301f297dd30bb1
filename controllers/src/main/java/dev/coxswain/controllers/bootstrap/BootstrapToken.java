package dev.coxswain.controllers.bootstrap;

import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * A token as its Secret says it.
 *
 * @param secret the half that nobody but its holder knows
 * @param expires when it ends; empty where it does not
 * @param signs whether it signs {@code cluster-info}
 */
record BootstrapToken(String id, String secret, Optional<Instant> expires, boolean signs) {
  static final String NAMESPACE = "kube-system";

  private static final String TYPE = "bootstrap.kubernetes.io/token";
  private static final String PREFIX = "bootstrap-token-";

  /** Without the secret: it never reaches a log. */
  @Override
  public String toString() {
    return "BootstrapToken[" + id + "]";
  }

  static boolean is(Secret secret) {
    return TYPE.equals(secret.getType()) && Meta.namespace(secret).equals(NAMESPACE);
  }

  /** Empty where it is no token, or its name is not its own. */
  static Optional<BootstrapToken> of(Secret secret) {
    String id = data(secret, "token-id");
    if (!is(secret) || id.isEmpty() || !Meta.name(secret).equals(PREFIX + id)) {
      return Optional.empty();
    }
    return Optional.of(
        new BootstrapToken(
            id,
            data(secret, "token-secret"),
            Meta.time(data(secret, "expiration")),
            data(secret, "usage-bootstrap-signing").equals("true")));
  }

  private static String data(Secret secret, String key) {
    String encoded = Meta.map(secret.getData()).getOrDefault(key, "");
    try {
      return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
