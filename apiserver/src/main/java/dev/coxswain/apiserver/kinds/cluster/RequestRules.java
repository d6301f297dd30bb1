package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.runtime.tls.Pem;
import dev.coxswain.runtime.tls.SignedRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a CertificateSigningRequest must be, in upstream's words. What was wrong in the one that it
 * replaces may stay.
 */
final class RequestRules {
  private static final String BEGIN = "-----BEGIN CERTIFICATE REQUEST-----";
  private static final String END = "-----END CERTIFICATE REQUEST-----";
  private static final Set<String> USAGES =
      Set.of(
          "any",
          "cert sign",
          "client auth",
          "code signing",
          "content commitment",
          "crl sign",
          "data encipherment",
          "decipher only",
          "digital signature",
          "email protection",
          "encipher only",
          "ipsec end system",
          "ipsec tunnel",
          "ipsec user",
          "key agreement",
          "key encipherment",
          "microsoft sgc",
          "netscape sgc",
          "ocsp signing",
          "s/mime",
          "server auth",
          "signing",
          "timestamping");

  /** These are said or not said; that they are not so is not said. */
  private static final Set<String> TRUE_ONLY = Set.of("Approved", "Denied", "Failed");

  private static final Set<String> STATUSES = Set.of("False", "True", "Unknown");

  private RequestRules() {}

  static void request(String encoded, List<FieldError> errors) {
    try {
      String pem = new String(Base64.getDecoder().decode(encoded), StandardCharsets.ISO_8859_1);
      int begin = pem.indexOf(BEGIN);
      int end = pem.indexOf(END);
      if (begin < 0 || end < begin) {
        throw new IllegalArgumentException("PEM block type must be CERTIFICATE REQUEST");
      }
      String body = pem.substring(begin + BEGIN.length(), end).replaceAll("\\s", "");
      SignedRequest.parse(Base64.getDecoder().decode(body));
    } catch (IllegalArgumentException wrong) {
      errors.add(FieldError.invalid("spec.request", encoded, String.valueOf(wrong.getMessage())));
    }
  }

  static void usages(ObjectNode object, @Nullable ObjectNode old, List<FieldError> errors) {
    JsonNode usages = Json.at(object, "spec", "usages");
    if (usages.isEmpty()) {
      errors.add(FieldError.required("spec.usages", "usages must be provided"));
    }
    boolean same = old != null && Json.same(usages, Json.at(old, "spec", "usages"));
    if (same) {
      return;
    }
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode usage : usages) {
      String path = "spec.usages[" + index++ + "]";
      String text = usage.asString("");
      if (!USAGES.contains(text)) {
        errors.add(FieldError.notSupported(path, text, USAGES));
      }
      if (!seen.add(text)) {
        errors.add(FieldError.duplicate(path, text));
      }
    }
  }

  /** The conditions, where a change is made to them. */
  static void conditions(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    JsonNode conditions = Json.at(object, "status", "conditions");
    if (Json.same(conditions, Json.at(old, "status", "conditions"))) {
      return;
    }
    Set<String> types = new HashSet<>();
    int index = 0;
    for (JsonNode condition : conditions) {
      String path = "status.conditions[" + index++ + "]";
      String type = Json.text(condition, "type");
      if (type.isEmpty()) {
        errors.add(FieldError.required(path + ".type", ""));
      }
      String status = Json.text(condition, "status");
      Set<String> allowed = TRUE_ONLY.contains(type) ? Set.of("True") : STATUSES;
      if (status.isEmpty()) {
        errors.add(FieldError.required(path + ".status", ""));
      } else if (!allowed.contains(status)) {
        errors.add(FieldError.notSupported(path + ".status", status, allowed));
      }
      if (!types.add(type)) {
        errors.add(FieldError.duplicate(path + ".type", type));
      }
      boolean both = types.contains("Approved") && types.contains("Denied");
      if (both && (type.equals("Approved") || type.equals("Denied"))) {
        errors.add(
            FieldError.invalid(
                path + ".type", type, "Approved and Denied conditions are mutually exclusive"));
      }
    }
    for (String type : List.of("Approved", "Denied", "Failed")) {
      if (CertificateRequestStrategy.has(old, type) && !types.contains(type)) {
        errors.add(
            FieldError.forbidden(
                "status.conditions",
                "updates may not remove a condition of type \"" + type + "\""));
      }
    }
  }

  /** The certificate that a signer gives: once, and nothing but certificates. */
  static void certificate(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    String path = "status.certificate";
    String given = Json.text(object, "status", "certificate");
    String before = Json.text(old, "status", "certificate");
    if (given.equals(before)) {
      return;
    }
    if (!before.isEmpty()) {
      errors.add(FieldError.forbidden(path, "updates may not modify existing certificate content"));
    }
    if (given.isEmpty()) {
      return;
    }
    try {
      byte[] pem = Base64.getDecoder().decode(given);
      Pem.certificates(pem);
      new String(pem, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith("-----BEGIN ") && !line.contains(" CERTIFICATE-----"))
          .findFirst()
          .ifPresent(line -> {
            throw new IllegalArgumentException(
                "only CERTIFICATE PEM blocks are allowed, found " + line);
          });
    } catch (IllegalArgumentException wrong) {
      errors.add(
          FieldError.invalid(path, "<certificate data>", String.valueOf(wrong.getMessage())));
    }
  }
}
