package dev.coxswain.apiserver.kinds.storage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of attachments: what is wanted never changes, what became of it is bounded. */
public final class AttachmentStrategy extends StandardStrategy {
  private static final int LONGEST_MESSAGE = 1024;
  private static final int MOST_METADATA_BYTES = 256 << 10;

  /** Rules on this shape. */
  public AttachmentStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    Checks.driverName(spec.path("attacher").asString(""), "spec.attacher", errors);
    source(spec.path("source"), errors);
    String node = spec.path("nodeName").asString("");
    Checks.form(Names.subdomain(node), "spec.nodeName", node, errors);
    JsonNode status = object.path("status");
    long bytes = 0;
    for (var entry : status.path("attachmentMetadata").properties()) {
      bytes += entry.getKey().length() + entry.getValue().asString("").length();
    }
    if (bytes > MOST_METADATA_BYTES) {
      errors.add(FieldError.tooLong("status.attachmentMetadata", MOST_METADATA_BYTES));
    }
    for (String field : List.of("attachError", "detachError")) {
      JsonNode error = status.path(field);
      if (error.path("message").asString("").length() > LONGEST_MESSAGE) {
        errors.add(FieldError.tooLong("status." + field + ".message", MOST_METADATA_BYTES));
      }
      Checks.range(error, "errorCode", 0, Integer.MAX_VALUE, "status." + field, errors);
    }
  }

  private static void source(JsonNode source, List<FieldError> errors) {
    String which = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    boolean inline = source.hasNonNull("inlineVolumeSpec");
    JsonNode volume = source.path("persistentVolumeName");
    if (!inline && !volume.isString()) {
      errors.add(FieldError.required("spec.source", which));
    } else if (inline && volume.isString()) {
      errors.add(FieldError.forbidden("spec.source", which));
    } else if (volume.isString() && volume.asString().isEmpty()) {
      errors.add(
          FieldError.required(
              "spec.source.persistentVolumeName", "must specify non empty persistentVolumeName"));
    } else if (volume.isString()) {
      Checks.form(
          Names.subdomain(volume.asString()),
          "spec.source.persistentVolumeName",
          volume.asString(),
          errors);
    }
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(Json.at(object, "spec"), Json.at(old, "spec"), "spec", errors);
  }
}
