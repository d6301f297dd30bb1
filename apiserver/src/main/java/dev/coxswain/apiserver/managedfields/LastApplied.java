package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.fields.Comparison;
import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.fields.ObjectFields;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The annotation by which kubectl remembers what it applied on the client's side. Who goes over to
 * server-side apply with the same kubectl does not conflict with what it applied before.
 */
final class LastApplied {
  /** The field manager of kubectl's server-side apply. */
  static final String KUBECTL = "kubectl";

  private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

  private LastApplied() {}

  /** The fields that kubectl applied and that still have the value that it gave them. */
  static FieldSet unchanged(Schema schema, ObjectNode live) {
    String text = Json.text(live, "metadata", "annotations", ANNOTATION);
    if (text.isEmpty()) {
      return FieldSet.EMPTY;
    }
    try {
      ObjectNode applied = Json.parseObject(text);
      return ObjectFields.of(schema, applied)
          .difference(Comparison.of(schema, applied, live).modified());
    } catch (JacksonException | IllegalArgumentException malformed) {
      // The annotation is the user's; what cannot be read allows nothing.
      return FieldSet.EMPTY;
    }
  }

  /** Lets the annotation follow, where it is there, so that a client-side apply can come back. */
  static void follow(ObjectNode live, ObjectNode configuration, ObjectNode result) {
    if (Json.text(live, "metadata", "annotations", ANNOTATION).isEmpty()) {
      return;
    }
    ObjectNode applied = configuration.deepCopy();
    ObjectNode annotations = Json.objectAt(applied, "metadata", "annotations");
    if (annotations != null) {
      annotations.remove(ANNOTATION);
    }
    Json.ensureObject(result, "metadata", "annotations")
        .put(ANNOTATION, new String(Json.bytes(applied), StandardCharsets.UTF_8) + "\n");
  }
}
