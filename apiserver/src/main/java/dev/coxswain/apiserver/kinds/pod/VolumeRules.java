package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ClaimSpecRules;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is wrong with a pod's volumes. */
final class VolumeRules {
  private static final int MAXIMUM_MODE = 0777;

  private static final long LONGEST_TOKEN_SECONDS = 1L << 32;

  /** What may be said of the metadata of a claim that is a pod's own. */
  private static final Set<String> OF_CLAIMS = Set.of("annotations", "labels", "creationTimestamp");

  private final List<FieldError> errors;
  private final DownwardRules downward;

  VolumeRules(List<FieldError> errors) {
    this.errors = errors;
    this.downward = new DownwardRules(errors);
  }

  /**
   * The names of a pod's volumes.
   *
   * @param names of all of them
   * @param claims of those that are claims, or become one
   */
  record Declared(Set<String> names, Set<String> claims) {}

  /** Checks all volumes, and gives their names. */
  Declared check(JsonNode volumes, String path) {
    Set<String> names = new HashSet<>();
    Set<String> claims = new HashSet<>();
    int index = 0;
    for (JsonNode volume : volumes) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(volume, "name");
      if (name.isEmpty()) {
        errors.add(FieldError.required(at + ".name", ""));
      } else {
        Checks.form(Names.label(name), at + ".name", name, errors);
        if (!names.add(name)) {
          errors.add(FieldError.duplicate(at + ".name", name));
        }
      }
      if (volume.path("persistentVolumeClaim").isObject() || volume.path("ephemeral").isObject()) {
        claims.add(name);
      }
      sources(volume, at);
    }
    return new Declared(names, claims);
  }

  private void sources(JsonNode volume, String path) {
    int count = 0;
    for (Map.Entry<String, JsonNode> field : volume.properties()) {
      if (!field.getKey().equals("name") && field.getValue().isObject()) {
        count++;
        String at = path + "." + field.getKey();
        if (count > 1) {
          errors.add(FieldError.forbidden(at, "may not specify more than 1 volume type"));
        } else {
          source(field.getKey(), field.getValue(), at);
        }
      }
    }
    if (count == 0) {
      errors.add(FieldError.required(path, "must specify a volume type"));
    }
  }

  private void source(String kind, JsonNode source, String path) {
    switch (kind) {
      case "hostPath" -> {
        if (Checks.required(source, "path", path, errors)) {
          Paths.noBackSteps(Json.text(source, "path"), path + ".path", errors);
        }
      }
      case "secret" -> {
        Checks.required(source, "secretName", path, errors);
        mode(source, "defaultMode", path);
        items(source.path("items"), path + ".items");
      }
      case "configMap" -> {
        Checks.required(source, "name", path, errors);
        mode(source, "defaultMode", path);
        items(source.path("items"), path + ".items");
      }
      case "persistentVolumeClaim" -> Checks.required(source, "claimName", path, errors);
      case "downwardAPI" -> {
        mode(source, "defaultMode", path);
        files(source.path("items"), path + ".items");
      }
      case "emptyDir" -> sizeLimit(source, path);
      case "projected" -> projected(source, path);
      case "csi" -> {
        Checks.driverName(Json.text(source, "driver"), path + ".driver", errors);
        if (source.path("nodePublishSecretRef").isObject()
            && Checks.required(
                source.path("nodePublishSecretRef"),
                "name",
                path + ".nodePublishSecretRef",
                errors)) {
          String secret = Json.text(source, "nodePublishSecretRef", "name");
          Checks.form(Names.subdomain(secret), path + ".name", secret, errors);
        }
      }
      case "ephemeral" -> {
        if (source.path("volumeClaimTemplate").isObject()) {
          claim(source.path("volumeClaimTemplate"), path + ".volumeClaimTemplate");
        } else {
          errors.add(FieldError.required(path + ".volumeClaimTemplate", ""));
        }
      }
      default -> new ForeignVolumeRules(errors).check(kind, source, path);
    }
  }

  /** What the pod's own claim will be; it is called after the pod and the volume. */
  private void claim(JsonNode template, String path) {
    JsonNode metadata = template.path("metadata");
    Checks.annotations(metadata.path("annotations"), path + ".metadata.annotations", errors);
    Checks.labels(metadata.path("labels"), path + ".metadata.labels", errors);
    for (String field : metadata.propertyNames()) {
      boolean said = !metadata.path(field).isNull() && !Defaults.isUnset(metadata.path(field));
      if (said && !OF_CLAIMS.contains(field)) {
        errors.add(FieldError.forbidden(path + ".metadata." + field, "cannot be set"));
      }
    }
    ClaimSpecRules.check(template.path("spec"), path + ".spec", errors);
  }

  private void projected(JsonNode source, String path) {
    mode(source, "defaultMode", path);
    Set<String> files = new HashSet<>();
    int index = 0;
    for (JsonNode part : source.path("sources")) {
      ones(part, files, path);
      String at = path + ".sources[" + index++ + "]";
      if (part.size() > 1) {
        errors.add(FieldError.forbidden(at, "may not specify more than 1 volume type per source"));
      }
      for (String kind : List.of("secret", "configMap")) {
        if (part.has(kind)) {
          Checks.required(part.path(kind), "name", at + "." + kind, errors);
          items(part.path(kind).path("items"), at + "." + kind + ".items");
        }
      }
      files(part.path("downwardAPI").path("items"), at + ".downwardAPI.items");
      if (part.path("clusterTrustBundle").isObject()) {
        bundle(part.path("clusterTrustBundle"), at + ".clusterTrustBundle");
      }
      JsonNode token = part.path("serviceAccountToken");
      if (token.isObject()) {
        if (token.path("expirationSeconds").asLong(0) < 600) {
          errors.add(
              FieldError.invalid(
                  at + ".serviceAccountToken.expirationSeconds",
                  token.path("expirationSeconds"),
                  "may not specify a duration less than 10 minutes"));
        }
        if (token.path("expirationSeconds").asLong(0) > LONGEST_TOKEN_SECONDS) {
          errors.add(
              FieldError.invalid(
                  at + ".serviceAccountToken.expirationSeconds",
                  token.path("expirationSeconds"),
                  "may not specify a duration larger than 2^32 seconds"));
        }
        if (Checks.required(token, "path", at + ".serviceAccountToken", errors)) {
          Paths.unreserved(Json.text(token, "path"), at + ".serviceAccountToken.path", errors);
        }
      }
    }
  }

  /** Two of the parts cannot make the same file. */
  private void ones(JsonNode part, Set<String> files, String path) {
    for (String kind : List.of("secret", "configMap", "downwardAPI")) {
      for (JsonNode item : part.path(kind).path("items")) {
        String name = Json.text(item, "path");
        if (!name.isEmpty() && !files.add(name)) {
          String holder = kind.equals("downwardAPI") ? name : Json.text(part, kind, "name");
          errors.add(FieldError.invalid(path, holder, "conflicting duplicate paths"));
        }
      }
    }
    JsonNode bundle = part.path("clusterTrustBundle");
    if (bundle.isObject()) {
      String name = Json.text(bundle, "path");
      if (!name.isEmpty() && !files.add(name)) {
        errors.add(FieldError.invalid(path, name, "conflicting duplicate paths"));
      }
    }
  }

  /** The certificates of one bundle, or of all that a signer has given. */
  private void bundle(JsonNode bundle, String path) {
    boolean named = bundle.hasNonNull("name");
    boolean signed = bundle.hasNonNull("signerName");
    if (named && signed) {
      errors.add(FieldError.invalid(path, bundle, "only one of name and signerName may be used"));
    } else if (named) {
      if (Json.text(bundle, "name").isEmpty()) {
        errors.add(FieldError.required(path + ".name", "must be a valid object name"));
      }
      if (bundle.path("labelSelector").isObject()) {
        errors.add(
            FieldError.invalid(
                path + ".labelSelector",
                bundle.path("labelSelector"),
                "labelSelector must be unset if name is specified"));
      }
    } else if (signed) {
      if (Json.text(bundle, "signerName").isEmpty()) {
        errors.add(FieldError.required(path + ".signerName", "must be a valid signer name"));
      }
      Checks.selector(bundle.path("labelSelector"), path + ".labelSelector", errors);
    } else {
      errors.add(FieldError.required(path, "either name or signerName must be specified"));
    }
    if (Checks.required(bundle, "path", path, errors)) {
      Paths.unreserved(Json.text(bundle, "path"), path + ".path", errors);
    }
  }

  private void items(JsonNode items, String path) {
    int index = 0;
    for (JsonNode item : items) {
      String at = path + "[" + index++ + "]";
      Checks.required(item, "key", at, errors);
      if (Checks.required(item, "path", at, errors)) {
        Paths.unreserved(Json.text(item, "path"), at + ".path", errors);
      }
      mode(item, "mode", at);
    }
  }

  private void mode(JsonNode node, String field, String path) {
    JsonNode mode = node.path(field);
    if (mode.isNumber() && (mode.asLong() < 0 || mode.asLong() > MAXIMUM_MODE)) {
      errors.add(
          FieldError.invalid(
              path + "." + field,
              mode,
              "must be a number between 0 and 0777 (octal), both inclusive"));
    }
  }

  /** The files that say something of the pod itself. */
  private void files(JsonNode items, String path) {
    int index = 0;
    for (JsonNode item : items) {
      String at = path + "[" + index++ + "]";
      if (Checks.required(item, "path", at, errors)) {
        Paths.unreserved(Json.text(item, "path"), at + ".path", errors);
      }
      JsonNode field = item.path("fieldRef");
      JsonNode resource = item.path("resourceFieldRef");
      if (field.isObject()) {
        downward.field(field, DownwardRules.OF_FILES, at + ".fieldRef");
        if (resource.isObject()) {
          errors.add(
              FieldError.invalid(
                  at,
                  "resource",
                  "fieldRef and resourceFieldRef can not be specified simultaneously"));
        }
      } else if (resource.isObject()) {
        downward.resource(resource, true, at + ".resourceFieldRef");
      } else {
        errors.add(FieldError.required(at, "one of fieldRef and resourceFieldRef is required"));
      }
      mode(item, "mode", at);
    }
  }

  private void sizeLimit(JsonNode source, String path) {
    JsonNode limit = source.path("sizeLimit");
    if (!limit.isMissingNode() && Quantity.parse(limit.asString("0")).signum() < 0) {
      errors.add(
          FieldError.forbidden(
              path + ".sizeLimit", "SizeLimit field must be a valid resource quantity"));
    }
  }
}
