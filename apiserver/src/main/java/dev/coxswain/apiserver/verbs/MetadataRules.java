package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.cel.library.IpAddress;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.ResourceType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules for {@code metadata}, which all kinds share; those of apimachinery's validation. */
final class MetadataRules {
  /** How large all annotations of an object are together at most, in bytes. */
  private static final int MAX_ANNOTATIONS = 256 << 10;

  /** The finalizers whose names need no domain. */
  private static final Set<String> STANDARD_FINALIZERS =
      Set.of("foregroundDeletion", "kubernetes", "orphan");

  /** Kinds of groups whose finalizers may be called anything, as they may of custom resources. */
  private static final Set<String> LENIENT_GROUPS =
      Set.of("admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io");

  private static final String OWNERS = "metadata.ownerReferences";

  private MetadataRules() {}

  /** What is wrong with the metadata of an object. */
  static List<FieldError> check(ResourceType type, ObjectNode object) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode metadata = object.path("metadata");
    String name = Json.text(metadata, "name");
    String prefix = Json.text(metadata, "generateName");
    if (!prefix.isEmpty()) {
      // It may end as no name does, because something follows.
      boolean dash = prefix.length() > 1 && prefix.endsWith("-");
      nameProblem(type, dash ? prefix.substring(0, prefix.length() - 2) + "a" : prefix)
          .ifPresent(
              problem -> errors.add(FieldError.invalid("metadata.generateName", prefix, problem)));
    }
    if (name.isEmpty()) {
      errors.add(FieldError.required("metadata.name", "name or generateName is required"));
    } else {
      nameProblem(type, name)
          .ifPresent(problem -> errors.add(FieldError.invalid("metadata.name", name, problem)));
    }
    labels(metadata.path("labels"), errors);
    annotations(metadata.path("annotations"), errors);
    owners(metadata.path("ownerReferences"), errors);
    finalizers(type, metadata.path("finalizers"), errors);
    return errors;
  }

  private static Optional<String> nameProblem(ResourceType type, String name) {
    return switch (type.resource().toString()) {
      case "namespaces" -> Names.label(name);
      case "services" -> Names.label1035(name);
      case "ipaddresses.networking.k8s.io" -> IpAddress.nameProblem(name);
      // Kubelets call theirs by a digest in base 64, with capitals and underscores.
      case "certificatesigningrequests.certificates.k8s.io" -> Names.pathSegment(name);
      case "roles.rbac.authorization.k8s.io",
          "rolebindings.rbac.authorization.k8s.io",
          "clusterroles.rbac.authorization.k8s.io",
          "clusterrolebindings.rbac.authorization.k8s.io",
          "apiservices.apiregistration.k8s.io",
          "events",
          "events.events.k8s.io" ->
          Names.pathSegment(name);
      default -> Names.subdomain(name);
    };
  }

  private static void labels(JsonNode labels, List<FieldError> errors) {
    for (Map.Entry<String, JsonNode> label : labels.properties()) {
      Names.qualifiedName(label.getKey())
          .ifPresent(problem ->
              errors.add(FieldError.invalid("metadata.labels", label.getKey(), problem)));
      String value = label.getValue().asString("");
      Names.labelValue(value)
          .ifPresent(problem -> errors.add(FieldError.invalid("metadata.labels", value, problem)));
    }
  }

  private static void annotations(JsonNode annotations, List<FieldError> errors) {
    long size = 0;
    for (Map.Entry<String, JsonNode> annotation : annotations.properties()) {
      Names.qualifiedName(annotation.getKey().toLowerCase(Locale.ROOT))
          .ifPresent(problem ->
              errors.add(FieldError.invalid("metadata.annotations", annotation.getKey(), problem)));
      size += bytes(annotation.getKey()) + bytes(annotation.getValue().asString(""));
    }
    if (size > MAX_ANNOTATIONS) {
      errors.add(FieldError.tooLong("metadata.annotations", MAX_ANNOTATIONS));
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static void owners(JsonNode owners, List<FieldError> errors) {
    String first = "";
    for (JsonNode owner : owners) {
      String apiVersion = Json.text(owner, "apiVersion");
      String kind = Json.text(owner, "kind");
      String[] version = apiVersion.split("/", -1);
      if (version.length > 2 || version[version.length - 1].isEmpty()) {
        errors.add(
            FieldError.invalid(OWNERS + ".apiVersion", apiVersion, "version must not be empty"));
      }
      for (String field : List.of("kind", "name", "uid")) {
        if (Json.text(owner, field).isEmpty()) {
          errors.add(FieldError.invalid(OWNERS + "." + field, "", field + " must not be empty"));
        }
      }
      // An event goes by itself after a while, and would take along what it owns.
      if (apiVersion.equals("v1") && kind.equals("Event")) {
        errors.add(
            FieldError.invalid(OWNERS, owner, "/v1, Kind=Event is disallowed from being an owner"));
      }
      if (Json.flag(owner, "controller")) {
        String controller = kind + "/" + Json.text(owner, "name");
        if (first.isEmpty()) {
          first = controller;
        } else {
          errors.add(
              FieldError.invalid(
                  OWNERS,
                  owners,
                  "Only one reference can have Controller set to true. Found \"true\" in"
                      + " references for "
                      + first
                      + " and "
                      + controller));
        }
      }
    }
  }

  private static void finalizers(ResourceType type, JsonNode finalizers, List<FieldError> errors) {
    boolean qualified = !type.custom() && !LENIENT_GROUPS.contains(type.kind().group());
    Set<String> names = new HashSet<>();
    int number = 0;
    for (JsonNode finalizer : finalizers) {
      String name = finalizer.asString("");
      String path = "metadata.finalizers[" + number++ + "]";
      Names.qualifiedName(name)
          .ifPresent(problem -> errors.add(FieldError.invalid(path, name, problem)));
      if (qualified && name.indexOf('/') < 0 && !STANDARD_FINALIZERS.contains(name)) {
        errors.add(
            FieldError.invalid(
                path, name, "name is neither a standard finalizer name nor is it fully qualified"));
      }
      names.add(name);
    }
    if (names.contains("orphan") && names.contains("foregroundDeletion")) {
      errors.add(
          FieldError.invalid(
              "metadata.finalizers",
              finalizers,
              "finalizer orphan and foregroundDeletion cannot be both set"));
    }
  }

  /** What is wrong with a change of the metadata. */
  static List<FieldError> checkChange(ResourceType type, ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>(check(type, object));
    if (Metadata.deleting(old)) {
      List<String> added = new ArrayList<>();
      JsonNode before = Json.at(old, "metadata", "finalizers");
      for (JsonNode finalizer : Json.at(object, "metadata", "finalizers")) {
        boolean known = false;
        for (JsonNode other : before) {
          known |= other.equals(finalizer);
        }
        if (!known) {
          added.add(finalizer.asString(""));
        }
      }
      if (!added.isEmpty()) {
        errors.add(
            FieldError.forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new"
                    + " finalizers "
                    + added));
      }
    }
    return errors;
  }
}
