package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rules of a CertificateSigningRequest: what is asked for never changes; who may approve changes
 * conditions but no certificate, and who may sign everything of the status but the decision.
 */
public class CertificateRequestStrategy extends StandardStrategy {
  private static final Set<String> DECISIONS = Set.of("Approved", "Denied");

  /** What the signer alone says. */
  private static final Set<String> FAILED = Set.of("Failed");

  /** The shortest life that can be asked for, in seconds. */
  private static final long SHORTEST = 600;

  /** Rules by this shape. */
  public CertificateRequestStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void prepareForUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForUpdate(object, old);
    copy(old, object, "spec");
  }

  @Override
  public void prepareForStatusUpdate(ObjectNode object, ObjectNode old) {
    super.prepareForStatusUpdate(object, old);
    keepConditions(object, old, DECISIONS);
  }

  /** The rules of {@code /approval}. */
  public StandardStrategy approval(Schema schema) {
    return new Approval(schema);
  }

  private static final class Approval extends CertificateRequestStrategy {
    Approval(Schema schema) {
      super(schema);
    }

    @Override
    public void prepareForUpdate(ObjectNode object, ObjectNode old) {
      ObjectNode wanted = Json.object();
      wanted.set("conditions", Json.at(object, "status", "conditions").deepCopy());
      super.prepareForUpdate(object, old);
      ObjectNode status = Json.ensureObject(object, "status");
      if (wanted.path("conditions").isArray()) {
        status = status.deepCopy();
        status.set("conditions", wanted.path("conditions"));
        object.set("status", status);
        keepConditions(object, old, FAILED);
      }
    }

    @Override
    protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
      for (String decision : List.of("Approved", "Denied")) {
        if (has(old, decision) && !has(object, decision)) {
          errors.add(
              FieldError.forbidden(
                  "status.conditions",
                  "updates may not remove a condition of type \"" + decision + "\""));
        }
      }
      if (has(object, "Approved") && has(object, "Denied")) {
        errors.add(
            FieldError.invalid(
                "status.conditions",
                "Approved,Denied",
                "Approved and Denied conditions are mutually exclusive"));
      }
    }
  }

  private static boolean has(ObjectNode request, String type) {
    for (JsonNode condition : Json.at(request, "status", "conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return true;
      }
    }
    return false;
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return true;
  }

  /** Takes the conditions of these types from the stored object, each where it stands. */
  private static void keepConditions(ObjectNode object, ObjectNode old, Set<String> types) {
    Map<String, JsonNode> kept = new LinkedHashMap<>();
    for (JsonNode condition : Json.at(old, "status", "conditions")) {
      if (types.contains(Json.text(condition, "type"))) {
        kept.put(Json.text(condition, "type"), condition);
      }
    }
    ArrayNode conditions = Json.array();
    for (JsonNode condition : Json.at(object, "status", "conditions")) {
      String type = Json.text(condition, "type");
      JsonNode stored = types.contains(type) ? kept.remove(type) : condition;
      if (stored != null) {
        conditions.add(stored);
      }
    }
    kept.values().forEach(conditions::add);
    ObjectNode status = Json.ensureObject(object, "status").deepCopy();
    if (conditions.isEmpty()) {
      status.remove("conditions");
    } else {
      status.set("conditions", conditions);
    }
    object.set("status", status);
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    if (!isRequest(Json.text(spec, "request"))) {
      errors.add(
          FieldError.invalid(
              "spec.request",
              Json.text(spec, "request"),
              "PEM block type must be CERTIFICATE REQUEST"));
    }
    if (spec.path("usages").isEmpty()) {
      errors.add(FieldError.required("spec.usages", "usages must be provided"));
    }
    String signer = Json.text(spec, "signerName");
    if (signer.isEmpty()) {
      errors.add(FieldError.required("spec.signerName", ""));
    } else if (signer.indexOf('/') < 1 || !signer.substring(0, signer.indexOf('/')).contains(".")) {
      errors.add(
          FieldError.invalid(
              "spec.signerName",
              signer,
              "must be a fully qualified domain and path of the form"
                  + " 'example.com/signer-name'"));
    }
    if (Json.number(spec, SHORTEST, "expirationSeconds") < SHORTEST) {
      errors.add(
          FieldError.invalid(
              "spec.expirationSeconds",
              spec.path("expirationSeconds"),
              "may not specify a duration less than 600 seconds (10 minutes)"));
    }
  }

  private static boolean isRequest(String encoded) {
    try {
      byte[] pem = Base64.getDecoder().decode(encoded);
      return new String(pem, java.nio.charset.StandardCharsets.ISO_8859_1)
          .contains("-----BEGIN CERTIFICATE REQUEST-----");
    } catch (IllegalArgumentException notBase64) {
      return false;
    }
  }
}
