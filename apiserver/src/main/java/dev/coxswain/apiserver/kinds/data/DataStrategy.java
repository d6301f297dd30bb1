package dev.coxswain.apiserver.kinds.data;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of config maps and secrets. */
public final class DataStrategy extends StandardStrategy {
  /** Most data in one object, in bytes. */
  private static final int MAXIMUM_SIZE = 1 << 20;

  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          "kubernetes.io/tls", List.of("tls.crt", "tls.key"),
          "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
          "kubernetes.io/dockercfg", List.of(".dockercfg"),
          "kubernetes.io/ssh-auth", List.of("ssh-privatekey"));

  private final boolean secret;

  /**
   * Rules on a shape.
   *
   * @param secret whether these are secrets
   */
  public DataStrategy(Schema schema, boolean secret) {
    super(schema, false, false);
    this.secret = secret;
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (!secret) {
      return;
    }
    Defaults.text(object, "type", "Opaque");
    // Plain texts are a way to write data, and are never read back.
    if (object.remove("stringData") instanceof ObjectNode texts) {
      ObjectNode data = Json.ensureObject(object, "data");
      for (Map.Entry<String, JsonNode> text : texts.properties()) {
        byte[] bytes = text.getValue().asString("").getBytes(StandardCharsets.UTF_8);
        data.put(text.getKey(), Base64.getEncoder().encodeToString(bytes));
      }
    }
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    long size = 0;
    for (String field : List.of("data", "binaryData")) {
      boolean encoded = secret || field.equals("binaryData");
      for (Map.Entry<String, JsonNode> entry : object.path(field).properties()) {
        key(entry.getKey(), field, errors);
        if (field.equals("binaryData") && object.path("data").has(entry.getKey())) {
          errors.add(
              FieldError.invalid(
                  "data[" + entry.getKey() + "]",
                  entry.getKey(),
                  "duplicate of key present in" + " binaryData"));
        }
        int length = entry.getValue().asString("").length();
        size += encoded ? length / 4 * 3 : length;
      }
    }
    if (size > MAXIMUM_SIZE) {
      errors.add(FieldError.tooLong(secret ? "data" : "", MAXIMUM_SIZE));
    }
    if (secret) {
      for (String key : REQUIRED.getOrDefault(Json.text(object, "type"), List.of())) {
        if (!object.path("data").has(key)) {
          errors.add(FieldError.required("data[" + key + "]", ""));
        }
      }
      account(object, errors);
      credentials(object, errors);
    }
  }

  /** What is to be read as credentials must be such. */
  private static void credentials(ObjectNode object, List<FieldError> errors) {
    JsonNode data = object.path("data");
    switch (Json.text(object, "type")) {
      case "kubernetes.io/basic-auth" -> {
        if (!data.has("username") && !data.has("password")) {
          errors.add(FieldError.required("data[username]", ""));
          errors.add(FieldError.required("data[password]", ""));
        }
      }
      case "kubernetes.io/dockercfg" -> document(data, ".dockercfg", errors);
      case "kubernetes.io/dockerconfigjson" -> document(data, ".dockerconfigjson", errors);
      default -> {}
    }
  }

  private static void document(JsonNode data, String key, List<FieldError> errors) {
    if (!data.has(key)) {
      return;
    }
    String problem = "";
    try {
      JsonNode read = Json.parse(Base64.getDecoder().decode(data.path(key).asString("")));
      problem = read.isObject() || read.isNull() ? "" : "not a JSON object";
    } catch (JacksonException malformed) {
      // The message would tell what is in it.
      problem = "not valid JSON";
    } catch (IllegalArgumentException malformed) {
      problem = "not valid base 64";
    }
    if (!problem.isEmpty()) {
      errors.add(FieldError.invalid("data[" + key + "]", "<secret contents redacted>", problem));
    }
  }

  private static void account(ObjectNode object, List<FieldError> errors) {
    boolean token = Json.text(object, "type").equals("kubernetes.io/service-account-token");
    if (token
        && Json.text(object, "metadata", "annotations", "kubernetes.io/service-account.name")
            .isEmpty()) {
      errors.add(
          FieldError.required("metadata.annotations[kubernetes.io/service-account.name]", ""));
    }
  }

  private static void key(String key, String field, List<FieldError> errors) {
    Checks.form(Names.dataKey(key), field + "[" + key + "]", key, errors);
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    if (secret) {
      Checks.immutable(object.path("type"), old.path("type"), "type", errors);
    }
    if (!Json.flag(old, "immutable")) {
      return;
    }
    String frozen = "field is immutable when `immutable` is set";
    if (!Json.flag(object, "immutable")) {
      errors.add(FieldError.forbidden("immutable", frozen));
    }
    for (String field : List.of("data", "binaryData")) {
      if (!Json.same(object.path(field), old.path(field))) {
        errors.add(FieldError.forbidden(field, frozen));
      }
    }
  }
}
