package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.patch.JsonPatch;
import dev.coxswain.api.patch.MergePatch;
import dev.coxswain.api.patch.PatchException;
import dev.coxswain.api.patch.StrategicMergePatch;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Applies patch bodies by their media type. */
final class Patches {
  private static final String JSON = "application/json-patch+json";
  private static final String MERGE = "application/merge-patch+json";
  private static final String STRATEGIC = "application/strategic-merge-patch+json";

  private Patches() {}

  /**
   * The change that a patch asks for.
   *
   * @param warnings where fields that are dropped are told
   * @throws ApiException with reason {@code UnsupportedMediaType} or {@code BadRequest}
   */
  static Change change(
      ResourceType type, HttpRequest request, FieldValidation validation, List<String> warnings) {
    String mediaType = checkedMediaType(request);
    if (type.custom() && mediaType.equals(STRATEGIC)) {
      throw unknownFormat(List.of(JSON, MERGE));
    }
    JsonNode patch = BodyReader.json(request.body());
    List<String> duplicates =
        patch.isObject() && validation != FieldValidation.IGNORE
            ? ObjectDecoder.decode(request.body(), Schema.anything()).problems()
            : List.of();
    return current -> {
      ObjectNode before = present(current);
      boolean grown = mediaType.equals(JSON) && addStatus(type, before);
      ObjectNode patched = apply(mediaType, before, patch, type.schema());
      if (grown && patched.path("status").isEmpty()) {
        patched.remove("status");
      }
      return BodyReader.checked(
          validation.decode(
              type, () -> ObjectDecoder.decode(patched, type.schema()).after(duplicates), warnings),
          type.kind());
    };
  }

  /**
   * Puts an empty status where there is none yet: a JSON patch may name what is below it, because
   * the status of a built-in kind is a part of its object.
   */
  private static boolean addStatus(ResourceType type, ObjectNode object) {
    if (type.custom() || !type.hasStatus() || object.has("status")) {
      return false;
    }
    object.putObject("status");
    return true;
  }

  private static ObjectNode present(@Nullable ObjectNode current) {
    if (current == null) {
      throw Failures.badRequest("there is nothing to patch");
    }
    return current;
  }

  /** Patches a tree that is no stored object, such as a Scale. */
  static ObjectNode tree(ObjectNode current, HttpRequest request) {
    return apply(
        checkedMediaType(request), current, BodyReader.json(request.body()), Schema.anything());
  }

  private static String checkedMediaType(HttpRequest request) {
    String mediaType = BodyReader.mediaType(request);
    return switch (mediaType) {
      case JSON, MERGE, STRATEGIC -> mediaType;
      default -> throw unknownFormat(List.of(JSON, MERGE, Apply.MEDIA_TYPE, STRATEGIC));
    };
  }

  private static ApiException unknownFormat(List<String> accepted) {
    return new ApiException(
        StatusReason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include: "
            + String.join(", ", accepted));
  }

  /** One with too many operations is no nonsense, but more than is done for one client. */
  private static JsonNode ofBearableLength(JsonNode operations) {
    if (operations.size() > JsonPatch.MAXIMUM_OPERATIONS) {
      throw new ApiException(
          StatusReason.REQUEST_ENTITY_TOO_LARGE,
          "Request entity too large: The allowed maximum operations in a JSON patch is "
              + JsonPatch.MAXIMUM_OPERATIONS
              + ", got "
              + operations.size());
    }
    return operations;
  }

  private static ObjectNode apply(
      String mediaType, ObjectNode current, JsonNode patch, Schema schema) {
    try {
      JsonNode patched =
          switch (mediaType) {
            case JSON -> JsonPatch.apply(current, ofBearableLength(patch));
            case MERGE -> MergePatch.apply(current, patch);
            default -> {
              if (!(patch instanceof ObjectNode object)) {
                throw Failures.badRequest("a strategic merge patch must be an object");
              }
              yield StrategicMergePatch.apply(current, object, schema);
            }
          };
      if (patched instanceof ObjectNode object) {
        return object;
      }
      throw Failures.badRequest("the patch makes something else of the object");
    } catch (PatchException e) {
      if (e.isMalformed()) {
        throw Failures.badRequest(String.valueOf(e.getMessage()));
      }
      throw new ApiException(
          new ApiStatus(
              StatusReason.INVALID.code(),
              StatusReason.INVALID,
              "the server rejected our request due to an error in our request: " + e.getMessage(),
              ApiStatus.Details.NONE));
    }
  }
}
