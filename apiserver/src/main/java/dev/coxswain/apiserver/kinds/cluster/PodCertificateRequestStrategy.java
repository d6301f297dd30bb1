package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.ConditionRules;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.runtime.tls.SignedRequest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rules of PodCertificateRequest: what is asked for never changes, and it is answered once.
 * That the answer is of now is checked on admission, where there is a clock.
 */
public final class PodCertificateRequestStrategy extends StandardStrategy {
  private static final List<String> ENDS = List.of("Issued", "Denied", "Failed");
  private static final int DAY = 86_400;
  private static final int SHORTEST = 3_600;
  private static final int LONGEST = 91 * DAY;
  private static final int LARGEST_REQUEST = 10 * 1024;
  private static final Set<Integer> CURVES = Set.of(256, 384, 521);
  private static final Set<Integer> MODULI = Set.of(3072, 4096);
  private static final String REQUEST = "spec.stubPKCS10Request";

  /** Rules for objects of this shape. */
  public PodCertificateRequestStrategy(Schema schema) {
    super(schema, true, false);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    if (object.get("spec") instanceof ObjectNode spec) {
      Defaults.number(spec, "maxExpirationSeconds", DAY);
    }
  }

  @Override
  public boolean mayUpdateUnconditionally() {
    return false;
  }

  @Override
  protected boolean keepsMetadataOnStatusUpdate() {
    return false;
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    SignerNames.check(Json.text(spec, "signerName"), errors);
    for (String field : List.of("podName", "serviceAccountName", "nodeName")) {
      String name = Json.text(spec, field);
      Checks.form(Names.subdomain(name), "spec." + field, name, errors);
    }
    for (String field : List.of("podUID", "serviceAccountUID", "nodeUID")) {
      if (Json.text(spec, field).isEmpty()) {
        errors.add(FieldError.invalid("spec." + field, "", "must not be empty"));
      }
    }
    int longest = Json.text(spec, "signerName").startsWith("kubernetes.io/") ? DAY : LONGEST;
    long seconds = Json.number(spec, DAY, "maxExpirationSeconds");
    if (seconds < SHORTEST || seconds > longest) {
      errors.add(
          FieldError.invalid(
              "spec.maxExpirationSeconds",
              seconds,
              "must be in the range [" + SHORTEST + ", " + longest + "]"));
    }
    request(Json.text(spec, "stubPKCS10Request"), errors);
  }

  private static void request(String encoded, List<FieldError> errors) {
    if (encoded.length() > LARGEST_REQUEST * 4 / 3 + 4) {
      errors.add(FieldError.tooLong(REQUEST, LARGEST_REQUEST));
      return;
    }
    try {
      PublicKey key = requested(encoded);
      if (!strong(key)) {
        errors.add(
            FieldError.invalid(
                REQUEST,
                key.getAlgorithm(),
                "the key must be RSA of 3072 or 4096 bits, ECDSA P256, P384 or P521, or Ed25519"));
      }
    } catch (IllegalArgumentException e) {
      errors.add(
          FieldError.invalid(
              REQUEST, encoded, "must be a valid, signed PKCS#10 request: " + e.getMessage()));
    }
  }

  static PublicKey requested(String encoded) {
    return SignedRequest.parse(Base64.getDecoder().decode(encoded)).key();
  }

  private static boolean strong(PublicKey key) {
    return switch (key) {
      case ECPublicKey curve ->
          CURVES.contains(curve.getParams().getCurve().getField().getFieldSize());
      case RSAPublicKey modulus -> MODULI.contains(modulus.getModulus().bitLength());
      default -> key.getAlgorithm().equals("Ed25519") || key.getAlgorithm().equals("EdDSA");
    };
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    Checks.immutable(object.path("spec"), old.path("spec"), "spec", errors);
  }

  @Override
  public List<FieldError> validateStatusUpdate(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    JsonNode conditions = Json.at(object, "status", "conditions");
    ends(conditions, errors);
    ConditionRules.check(conditions, "status.conditions", errors);
    if (!errors.isEmpty()) {
      return errors;
    }
    JsonNode status = object.path("status");
    if (ENDS.stream().anyMatch(end -> ConditionRules.holds(old, end))) {
      unchanged(
          status,
          old.path("status"),
          "immutable after PodCertificateRequest is issued, denied, or failed",
          errors);
    } else if (ConditionRules.holds(object, "Issued")) {
      IssuedChain.check(object, errors);
    } else if (ConditionRules.holds(object, "Denied") || ConditionRules.holds(object, "Failed")) {
      ObjectNode alone = Json.object();
      alone.set("conditions", conditions);
      unchanged(
          status,
          alone,
          "non-condition status fields must be empty when denying or failing the"
              + " PodCertificateRequest",
          errors);
    } else {
      unchanged(
          status,
          old.path("status"),
          "status is immutable unless transitioning to \"Issued\", \"Denied\", or \"Failed\"",
          errors);
    }
    return errors;
  }

  private static void ends(JsonNode conditions, List<FieldError> errors) {
    int index = 0;
    for (JsonNode condition : conditions) {
      String path = "status.conditions[" + index + "]";
      String type = Json.text(condition, "type");
      if (!ENDS.contains(type)) {
        errors.add(FieldError.notSupported(path + ".type", type, ENDS));
      } else if (index > 0) {
        errors.add(
            FieldError.invalid(
                path + ".type",
                type,
                "There may be at most one condition with type \"Issued\", \"Denied\", or"
                    + " \"Failed\""));
      }
      String status = Json.text(condition, "status");
      if (!status.equals("True")) {
        errors.add(FieldError.notSupported(path + ".status", status, List.of("True")));
      }
      index++;
    }
  }

  private static void unchanged(
      JsonNode status, JsonNode wanted, String why, List<FieldError> errors) {
    boolean same = Json.same(status, wanted) || (status.isEmpty() && wanted.isEmpty());
    if (!same) {
      errors.add(FieldError.invalid("status", status, why));
    }
  }
}
