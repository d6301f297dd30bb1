package dev.coxswain.kubelet.csi;

import dev.coxswain.kubelet.env.ConfigException;
import dev.coxswain.kubelet.env.ConfigSource;
import dev.coxswain.kubelet.volume.ServiceAccountTokens;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretReference;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.TokenRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What drivers are entrusted with: secrets that a volume names, and tokens of its pod. */
final class CsiSecrets {
  private static final JsonMapper JSON = new JsonMapper();

  private CsiSecrets() {}

  static Map<String, String> of(@Nullable SecretReference reference, ConfigSource source)
      throws ConfigException {
    return reference == null
        ? Map.of()
        : read(
            Objects.requireNonNullElse(reference.getNamespace(), ""), reference.getName(), source);
  }

  static Map<String, String> of(
      @Nullable LocalObjectReference reference, String namespace, ConfigSource source)
      throws ConfigException {
    return reference == null ? Map.of() : read(namespace, reference.getName(), source);
  }

  private static Map<String, String> read(String namespace, String name, ConfigSource source)
      throws ConfigException {
    Secret secret =
        source
            .secret(namespace, name)
            .orElseThrow(() ->
                new ConfigException(
                    "failed to get secret " + namespace + "/" + name + ": not found"));
    Map<String, String> values = new TreeMap<>();
    Objects.requireNonNullElse(secret.getData(), Map.<String, String>of())
        .forEach((key, value) ->
            values.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    return values;
  }

  /**
   * The tokens that the driver asks for, as JSON by audience: {@code {"<audience>": {"token",
   * "expirationTimestamp"}}}; empty if it asks for none.
   */
  static Optional<String> tokens(Pod pod, CSIDriver declared, ServiceAccountTokens tokens)
      throws ConfigException {
    List<TokenRequest> wanted = CsiRequests.list(declared.getSpec().getTokenRequests());
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode all = JSON.createObjectNode();
    for (TokenRequest one : wanted) {
      String audience = Objects.requireNonNullElse(one.getAudience(), "");
      ServiceAccountTokens.Issued issued =
          tokens.issue(pod, audience, Optional.ofNullable(one.getExpirationSeconds()));
      all.putObject(audience)
          .put("token", issued.token())
          .put("expirationTimestamp", issued.expiresAt().toString());
    }
    return Optional.of(JSON.writeValueAsString(all));
  }
}
