package dev.coxswain.apiserver.openapi;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/**
 * What one method does at one path.
 *
 * @param method in lower case
 * @param parameters those of the query
 * @param body what the request's body may be; {@link Content#NONE} where it has none
 * @param answer what the response's body is
 */
record Operation(String method, List<Dialect.Parameter> parameters, Content body, Content answer) {

  /**
   * A body.
   *
   * @param definition the definition's name; empty where nothing is known of the body
   * @param mediaTypes the forms in which it comes; empty where there is no body
   */
  record Content(String definition, List<String> mediaTypes) {
    static final Content NONE = new Content("", List.of());

    boolean present() {
      return !mediaTypes.isEmpty();
    }

    boolean known() {
      return !definition.isEmpty();
    }
  }

  /** The status codes of answers that carry the answer's body, and what they mean. */
  private Map<Integer, String> successes() {
    return switch (method) {
      case "post" -> Map.of(200, "OK", 201, "Created", 202, "Accepted");
      case "put", "patch" -> Map.of(200, "OK", 201, "Created");
      case "delete" -> Map.of(200, "OK", 202, "Accepted");
      default -> Map.of(200, "OK");
    };
  }

  /**
   * Writes the responses into the operation's open object.
   *
   * @param body writes the answer's body into a response's open object
   */
  void writeResponses(JsonGenerator out, Consumer<Content> body) {
    out.writeObjectPropertyStart("responses");
    new TreeMap<>(successes())
        .forEach((code, meaning) -> {
          out.writeObjectPropertyStart(code.toString());
          out.writeStringProperty("description", meaning);
          if (answer.present()) {
            body.accept(answer);
          }
          out.writeEndObject();
        });
    out.writeObjectPropertyStart("401");
    out.writeStringProperty("description", "Unauthorized");
    out.writeEndObject();
    out.writeEndObject();
  }
}
