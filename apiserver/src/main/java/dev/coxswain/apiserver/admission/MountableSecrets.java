package dev.coxswain.apiserver.admission;

import dev.coxswain.api.json.Json;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Which secrets a pod may name where its service account says, by an annotation, that it lists all
 * of them.
 */
final class MountableSecrets {
  private static final String ENFORCED = "kubernetes.io/enforce-mountable-secrets";
  private static final Set<String> YES = Set.of("1", "t", "T", "TRUE", "true", "True");

  /** What containers are called by the fields in which they stand. */
  private static final Map<String, String> CONTAINERS =
      Map.of(
          "initContainers",
          "init container",
          "containers",
          "container",
          "ephemeralContainers",
          "ephemeral container");

  private final JsonNode account;

  MountableSecrets(JsonNode account) {
    this.account = account;
  }

  /** What is wrong with a new pod; the text is upstream's. */
  Optional<String> problem(JsonNode spec) {
    if (!enforced()) {
      return Optional.empty();
    }
    for (JsonNode volume : spec.path("volumes")) {
      String secret = Json.text(volume, "secret", "secretName");
      if (volume.path("secret").isObject() && !lists("secrets", secret)) {
        return Optional.of("volume with" + refused(secret));
      }
    }
    Optional<String> named =
        containers(spec, "initContainers").or(() -> containers(spec, "containers"));
    return named.isPresent() ? named : pulled(spec.path("imagePullSecrets"));
  }

  /** What is wrong with the containers that join a pod. */
  Optional<String> problemOfJoining(JsonNode spec) {
    return enforced() ? containers(spec, "ephemeralContainers") : Optional.empty();
  }

  private boolean enforced() {
    return YES.contains(Json.text(account, "metadata", "annotations", ENFORCED));
  }

  private Optional<String> containers(JsonNode spec, String field) {
    for (JsonNode container : spec.path(field)) {
      String head = CONTAINERS.get(field) + " " + Json.text(container, "name") + " with ";
      for (JsonNode variable : container.path("env")) {
        JsonNode reference = variable.path("valueFrom").path("secretKeyRef");
        String secret = Json.text(reference, "name");
        if (reference.isObject() && !lists("secrets", secret)) {
          String name = Json.text(variable, "name");
          return Optional.of(head + "envVar " + name + " referencing" + refused(secret));
        }
      }
      for (JsonNode source : container.path("envFrom")) {
        String secret = Json.text(source, "secretRef", "name");
        if (source.path("secretRef").isObject() && !lists("secrets", secret)) {
          return Optional.of(head + "envFrom referencing" + refused(secret));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> pulled(JsonNode secrets) {
    int index = 0;
    for (JsonNode secret : secrets) {
      String name = Json.text(secret, "name");
      if (!lists("imagePullSecrets", name)) {
        return Optional.of(
            "imagePullSecrets[" + index + "].name=\"" + name + "\"" + unlisted("imagePullSecret"));
      }
      index++;
    }
    return Optional.empty();
  }

  private boolean lists(String field, String secret) {
    for (JsonNode one : account.path(field)) {
      if (Json.text(one, "name").equals(secret)) {
        return true;
      }
    }
    return false;
  }

  private String refused(String secret) {
    return " secret.secretName=\"" + secret + "\"" + unlisted("secret");
  }

  private String unlisted(String what) {
    return " is not allowed because service account "
        + Json.text(account, "metadata", "name")
        + " does not reference that "
        + what;
  }
}
