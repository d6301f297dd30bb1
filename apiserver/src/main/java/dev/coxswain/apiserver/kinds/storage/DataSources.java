package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a claim's volume is filled from: a snapshot, another claim, or what a populator of its own
 * knows. The older field takes the first two and drops all else in silence; the newer one takes
 * anything. Whichever is given, both say the same afterwards, since provisioners read either.
 */
final class DataSources {
  private static final String OLDER = "dataSource";
  private static final String NEWER = "dataSourceRef";
  private static final String NAMESPACE = "namespace";
  private static final String CLAIM = "PersistentVolumeClaim";

  private DataSources() {}

  /** What a new claim may say. */
  static void prepare(ObjectNode spec) {
    dropOtherNamespaces(spec);
    dropUnknown(spec);
    align(spec);
  }

  /** What a claim may say that replaces another: clients that know but one field lose nothing. */
  static void prepare(ObjectNode spec, JsonNode before) {
    if (!before.path(NEWER).isObject()) {
      dropOtherNamespaces(spec);
    }
    if (!before.path(OLDER).isObject() && !before.path(NEWER).isObject()) {
      dropUnknown(spec);
    }
    align(spec);
  }

  /** Fills in whichever of the two is missing. */
  static void align(ObjectNode spec) {
    if (spec.path(OLDER).isObject() && !spec.path(NEWER).isObject()) {
      copy(spec, OLDER, NEWER);
    } else if (spec.path(NEWER).isObject()
        && !spec.path(OLDER).isObject()
        && otherNamespace(spec).isEmpty()) {
      copy(spec, NEWER, OLDER);
    }
  }

  static void validateInto(JsonNode spec, List<FieldError> errors) {
    validate(spec, OLDER, errors);
    validate(spec, NEWER, errors);
    if (!spec.path(OLDER).isObject() || !spec.path(NEWER).isObject()) {
      return;
    }
    if (!otherNamespace(spec).isEmpty()) {
      errors.add(
          FieldError.invalid(
              "spec",
              "spec." + OLDER,
              "may not be specified when dataSourceRef.namespace is specified"));
    } else if (!same(spec.path(OLDER), spec.path(NEWER))) {
      errors.add(FieldError.invalid("spec", "spec." + OLDER, "must match dataSourceRef"));
    }
  }

  private static void validate(JsonNode spec, String field, List<FieldError> errors) {
    JsonNode source = spec.path(field);
    if (!source.isObject()) {
      return;
    }
    String path = "spec." + field;
    Checks.required(source, "name", path, errors);
    boolean hasKind = Checks.required(source, "kind", path, errors);
    String kind = text(source, "kind");
    String group = text(source, "apiGroup");
    if (hasKind && group.isEmpty() && !kind.equals(CLAIM)) {
      errors.add(FieldError.invalid(path, kind, ""));
    }
    if (!group.isEmpty()) {
      Checks.form(Names.subdomain(group), path + ".apiGroup", group, errors);
    }
  }

  /** References into other namespaces are behind a gate that is shut. */
  private static void dropOtherNamespaces(ObjectNode spec) {
    if (!otherNamespace(spec).isEmpty()) {
      spec.remove(NEWER);
    }
  }

  private static void dropUnknown(ObjectNode spec) {
    JsonNode source = spec.path(OLDER);
    boolean known =
        switch (text(source, "kind")) {
          case CLAIM -> text(source, "apiGroup").isEmpty();
          case "VolumeSnapshot" -> text(source, "apiGroup").equals("snapshot.storage.k8s.io");
          default -> false;
        };
    if (!known && !spec.path(NEWER).isObject()) {
      spec.remove(OLDER);
    }
  }

  private static void copy(ObjectNode spec, String from, String to) {
    ObjectNode copy = ((ObjectNode) spec.path(from)).deepCopy();
    copy.remove(NAMESPACE);
    spec.set(to, copy);
  }

  private static boolean same(JsonNode one, JsonNode other) {
    return List.of("apiGroup", "kind", "name").stream()
        .allMatch(field -> text(one, field).equals(text(other, field)));
  }

  private static String otherNamespace(JsonNode spec) {
    return text(spec.path(NEWER), NAMESPACE);
  }

  private static String text(JsonNode object, String field) {
    return object.path(field).asString("");
  }
}
