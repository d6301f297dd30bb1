package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.schema.MalformedObjectException;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import java.util.List;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** What is done about fields that a kind does not have. */
enum FieldValidation {
  STRICT,
  WARN,
  IGNORE;

  /** What a query says, once it is known to say something that there is. */
  static FieldValidation of(Query query) {
    return switch (query.text("fieldValidation")) {
      case "Strict" -> STRICT;
      case "Ignore" -> IGNORE;
      default -> WARN;
    };
  }

  /**
   * Reads an object by its shape.
   *
   * @param read does the reading
   * @param warnings where what is dropped is told
   */
  ObjectNode decode(
      ResourceType type, Supplier<ObjectDecoder.Decoded> read, List<String> warnings) {
    ObjectDecoder.Decoded decoded;
    try {
      decoded = read.get();
    } catch (MalformedObjectException e) {
      throw unhandled(type.kind(), String.valueOf(e.getMessage()));
    }
    List<String> wrong = decoded.warnings();
    if (!wrong.isEmpty()) {
      switch (this) {
        case STRICT -> throw unhandled(type.kind(), decoded.strictMessage());
        case WARN -> warnings.addAll(wrong);
        case IGNORE -> {}
      }
    }
    return decoded.object();
  }

  private static ApiException unhandled(GroupVersionKind kind, String why) {
    return Failures.badRequest(
        kind.kind()
            + " in version \""
            + kind.version()
            + "\" cannot be handled as a "
            + kind.kind()
            + ": "
            + why);
  }
}
