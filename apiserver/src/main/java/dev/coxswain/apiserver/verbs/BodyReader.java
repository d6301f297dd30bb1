package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.HttpRequest;
import dev.coxswain.apiserver.protobuf.ProtobufDecoder;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.schema.Input;
import dev.coxswain.apiserver.schema.ObjectDecoder;
import dev.coxswain.apiserver.trace.RequestTrace;
import dev.coxswain.apiserver.trace.Stage;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads the bodies of requests: JSON, YAML, or the binary form. */
final class BodyReader {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private BodyReader() {}

  /** The media type of a request's body, in lower case and without parameters. */
  static String mediaType(HttpRequest request) {
    String type = request.header("Content-Type");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).trim().toLowerCase(Locale.ROOT);
  }

  /**
   * An object of a resource, read by its shape.
   *
   * @param warnings where fields that are dropped are told
   */
  static ObjectNode object(
      HttpRequest request, ResourceType type, FieldValidation validation, List<String> warnings) {
    requireBody(request);
    try (var _ = RequestTrace.enter(Stage.DECODING)) {
      ObjectNode object =
          validation.decode(
              type,
              () ->
                  switch (mediaType(request)) {
                    case "", "application/json", "*/*" ->
                        ObjectDecoder.decode(request.body(), type.schema());
                    case "application/yaml" ->
                        ObjectDecoder.decodeYaml(request.body(), type.schema());
                    case ProtobufDecoder.MEDIA_TYPE -> binary(request.body(), type);
                    default -> throw unknownFormat();
                  },
              warnings);
      return checked(object, type.kind());
    }
  }

  /**
   * An object of a kind that is no resource, such as a Binding.
   *
   * @param expected what the URL makes one expect; an object that says nothing of itself is that
   */
  static ObjectNode object(HttpRequest request, GroupVersionKind expected) {
    requireBody(request);
    return checked(anyObject(request), expected);
  }

  /**
   * A field that a newer client knows and this server does not is dropped without a word, as every
   * binary reader does.
   */
  private static ObjectDecoder.Decoded binary(byte[] body, ResourceType type) {
    ObjectNode known = ObjectDecoder.decode(ProtobufDecoder.decode(body), type.schema()).object();
    return new ObjectDecoder.Decoded(known, List.of());
  }

  private static void requireBody(HttpRequest request) {
    if (request.body().length == 0) {
      throw Failures.badRequest("the request body is empty");
    }
  }

  /** The object, which must be of the kind that the URL makes one expect. */
  static ObjectNode checked(ObjectNode object, GroupVersionKind expected) {
    String apiVersion = Json.text(object, "apiVersion");
    String kind = Json.text(object, "kind");
    if (apiVersion.isEmpty()) {
      object.put("apiVersion", expected.apiVersion());
    } else if (!apiVersion.equals(expected.apiVersion())) {
      throw Failures.badRequest(
          "the API version in the data ("
              + apiVersion
              + ") does not match the expected API version ("
              + expected.apiVersion()
              + ")");
    }
    if (kind.isEmpty()) {
      object.put("kind", expected.kind());
    } else if (!kind.equals(expected.kind())) {
      throw Failures.badRequest(
          kind
              + " in version \""
              + expected.version()
              + "\" cannot be handled as a "
              + expected.kind()
              + ": a "
              + expected.kind()
              + " is expected at this URL");
    }
    if (object.get("metadata") != null && !object.path("metadata").isObject()) {
      throw Failures.badRequest("metadata: expected an object");
    }
    return object;
  }

  /** The object in a body, whatever it is; empty for an empty body. */
  static ObjectNode anyObject(HttpRequest request) {
    if (request.body().length == 0) {
      return Json.object();
    }
    if (parse(request) instanceof ObjectNode object) {
      return object;
    }
    throw Failures.badRequest("the request body is not an object");
  }

  private static JsonNode parse(HttpRequest request) {
    return switch (mediaType(request)) {
      case "", "application/json", "*/*" -> json(request.body());
      case "application/yaml" -> yaml(request.body());
      case ProtobufDecoder.MEDIA_TYPE -> ProtobufDecoder.decode(request.body());
      default -> throw unknownFormat();
    };
  }

  private static ApiException unknownFormat() {
    return new ApiException(
        StatusReason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include:"
            + " application/json, application/yaml, "
            + ProtobufDecoder.MEDIA_TYPE);
  }

  /** Reads JSON, with what is wrong in the client's words. */
  static JsonNode json(byte[] body) {
    try (var _ = RequestTrace.enter(Stage.DECODING)) {
      return Input.tree(Input.json(body));
    } catch (JacksonException e) {
      throw malformed("json", e);
    }
  }

  /** Reads YAML, of which JSON is a part. */
  static JsonNode yaml(byte[] body) {
    try (var _ = RequestTrace.enter(Stage.DECODING)) {
      return Input.tree(Input.yaml(body));
    } catch (JacksonException e) {
      throw malformed("yaml", e);
    }
  }

  /** Writes YAML. */
  static byte[] toYaml(byte[] json) {
    return YAML.writeValueAsBytes(Json.parse(json));
  }

  private static ApiException malformed(String format, JacksonException e) {
    @Nullable String text = e.getOriginalMessage();
    String place =
        e.getLocation() == null
            ? ""
            : " (line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ")";
    return Failures.badRequest(
        "the object provided is unrecognized: couldn't parse " + format + ": " + text + place);
  }
}
