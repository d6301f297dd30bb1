package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

  /** The signer of requests from before there were names of signers. */
  private static final String LEGACY = "kubernetes.io/legacy-unknown";

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
      RequestRules.conditions(object, old, errors);
    }
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    RequestRules.conditions(object, old, errors);
    RequestRules.certificate(object, old, errors);
    return errors;
  }

  static boolean has(ObjectNode request, String type) {
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
  protected void validateBesideInto(
      ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String signer = Json.text(spec, "signerName");
    if (old == null) {
      // It never changes: what was let in stays.
      RequestRules.request(Json.text(spec, "request"), errors);
      if (signer.equals(LEGACY)) {
        errors.add(
            FieldError.invalid(
                "spec.signerName",
                signer,
                "the legacy signerName is not allowed via this API version"));
      } else {
        SignerNames.check(signer, errors);
      }
    }
    RequestRules.usages(object, old, errors);
    if (Json.number(spec, SHORTEST, "expirationSeconds") < SHORTEST) {
      errors.add(
          FieldError.invalid(
              "spec.expirationSeconds",
              spec.path("expirationSeconds"),
              "may not specify a duration less than 600 seconds (10 minutes)"));
    }
  }
}
