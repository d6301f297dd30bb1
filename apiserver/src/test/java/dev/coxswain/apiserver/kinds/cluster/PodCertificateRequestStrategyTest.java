package dev.coxswain.apiserver.kinds.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class PodCertificateRequestStrategyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final PodCertificateRequestStrategy strategy =
      new PodCertificateRequestStrategy(
          BuiltinSchemas.load().kind("certificates.k8s.io", "v1", "PodCertificateRequest"));
  private final KeyPair key = curve("secp256r1");

  private static KeyPair curve(String name) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(name));
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair modulus(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static byte[] signed(KeyPair key, KeyPair signer, String algorithm) throws Exception {
    return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN="), key.getPublic())
        .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
        .getEncoded();
  }

  private static ObjectNode request(byte[] stub) {
    ObjectNode request = Json.object();
    request.putObject("metadata").put("name", "r").put("namespace", "n");
    ObjectNode spec = request.putObject("spec");
    spec.put("signerName", "example.com/s").put("podName", "p").put("podUID", "1");
    spec.put("serviceAccountName", "default").put("serviceAccountUID", "2");
    spec.put("nodeName", "node-1").put("nodeUID", "3");
    spec.put("stubPKCS10Request", Base64.getEncoder().encodeToString(stub));
    return request;
  }

  private ObjectNode request() throws Exception {
    ObjectNode request = request(signed(key, key, "SHA256withECDSA"));
    strategy.fillDefaults(request);
    return request;
  }

  private static List<String> messages(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).toList();
  }

  @Test
  void isSignedByItsOwnStrongKey() throws Exception {
    assertThat(strategy.validate(request())).isEmpty();
    assertThat(Json.number(request(), 0, "spec", "maxExpirationSeconds")).isEqualTo(86_400);
    KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    assertThat(strategy.validate(request(signed(edwards, edwards, "Ed25519")))).isEmpty();
    KeyPair large = modulus(3072);
    assertThat(strategy.validate(request(signed(large, large, "SHA256withRSA")))).isEmpty();
    KeyPair small = modulus(2048);
    assertThat(messages(strategy.validate(request(signed(small, small, "SHA256withRSA")))))
        .containsExactly(
            "spec.stubPKCS10Request: Invalid value: \"RSA\": the key must be RSA of 3072 or 4096"
                + " bits, ECDSA P256, P384 or P521, or Ed25519");
    assertThat(
            messages(
                strategy.validate(request(signed(key, curve("secp256r1"), "SHA256withECDSA")))))
        .singleElement()
        .asString()
        .endsWith("must be a valid, signed PKCS#10 request: the signature is not the key's");
    assertThat(messages(strategy.validate(request(new byte[] {0x30, 0x7F}))))
        .singleElement()
        .asString()
        .contains("must be a valid, signed PKCS#10 request");
  }

  @Test
  void livesWithinBounds() throws Exception {
    ObjectNode request = request();
    Json.ensureObject(request, "spec").put("maxExpirationSeconds", 60);
    assertThat(messages(strategy.validate(request)))
        .containsExactly(
            "spec.maxExpirationSeconds: Invalid value: 60: must be in the range [3600, 7862400]");
    Json.ensureObject(request, "spec")
        .put("signerName", "kubernetes.io/x")
        .put("maxExpirationSeconds", 86_401);
    assertThat(messages(strategy.validate(request)))
        .containsExactly(
            "spec.maxExpirationSeconds: Invalid value: 86401: must be in the range [3600, 86400]");
  }

  private ObjectNode answered(ObjectNode request, String... conditions) {
    ObjectNode answered = request.deepCopy();
    ArrayNode list = answered.putObject("status").putArray("conditions");
    for (String type : conditions) {
      list.addObject()
          .put("type", type)
          .put("status", "True")
          .put("reason", "R")
          .put("lastTransitionTime", NOW.toString());
    }
    return answered;
  }

  private ObjectNode issued(ObjectNode request, KeyPair to, int hours) throws Exception {
    Instant end = NOW.plus(hours, ChronoUnit.HOURS);
    X500Name name = new X500Name("CN=p");
    byte[] certificate =
        new JcaX509v3CertificateBuilder(
                name, BigInteger.ONE, Date.from(NOW), Date.from(end), name, to.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(to.getPrivate()))
            .getEncoded();
    ObjectNode issued = answered(request, "Issued");
    Json.ensureObject(issued, "status")
        .put(
            "certificateChain",
            "-----BEGIN CERTIFICATE-----\n"
                + new String(Base64.getMimeEncoder().encode(certificate), StandardCharsets.US_ASCII)
                + "\n-----END CERTIFICATE-----\n")
        .put("notBefore", NOW.toString())
        .put("notAfter", end.toString())
        .put("beginRefreshAt", NOW.plus(30, ChronoUnit.MINUTES).toString());
    return issued;
  }

  @Test
  void isAnsweredOnceAndByACertificateForItsKey() throws Exception {
    ObjectNode request = request();
    ObjectNode issued = issued(request, key, 2);
    assertThat(strategy.validateStatusUpdate(issued, request)).isEmpty();
    assertThat(strategy.validateStatusUpdate(issued, issued)).isEmpty();
    assertThat(messages(strategy.validateStatusUpdate(answered(request, "Denied"), issued)))
        .singleElement()
        .asString()
        .endsWith("immutable after PodCertificateRequest is issued, denied, or failed");
    assertThat(
            messages(
                strategy.validateStatusUpdate(issued(request, curve("secp256r1"), 2), request)))
        .singleElement()
        .asString()
        .endsWith("leaf certificate was not issued to the requested public key");
    assertThat(messages(strategy.validateStatusUpdate(issued(request, key, 48), request)))
        .containsExactly(
            "status.certificateChain: Invalid value: \"PT48H\": leaf certificate lifetime must be"
                + " <= spec.maxExpirationSeconds (86400)");
  }

  @Test
  void timesAreTheCertificates() throws Exception {
    ObjectNode request = request();
    ObjectNode issued = issued(request, key, 2);
    Json.ensureObject(issued, "status").put("beginRefreshAt", NOW.toString()).remove("notAfter");
    assertThat(messages(strategy.validateStatusUpdate(issued, request)))
        .containsExactly(
            "status.notAfter: Required value: must be present and consistent with the issued"
                + " certificate");
    ObjectNode early = issued(request, key, 2);
    Json.ensureObject(early, "status").put("beginRefreshAt", NOW.toString());
    assertThat(messages(strategy.validateStatusUpdate(early, request)))
        .singleElement()
        .asString()
        .endsWith("must be at least 10 minutes after status.notBefore");
  }

  @Test
  void hasOneOfThreeEnds() throws Exception {
    ObjectNode request = request();
    assertThat(strategy.validateStatusUpdate(answered(request, "Denied"), request)).isEmpty();
    assertThat(
            messages(strategy.validateStatusUpdate(answered(request, "Denied", "Failed"), request)))
        .singleElement()
        .asString()
        .startsWith("status.conditions[1].type: Invalid value: \"Failed\": There may be at most");
    assertThat(messages(strategy.validateStatusUpdate(answered(request, "Lost"), request)))
        .containsExactly(
            "status.conditions[0].type: Unsupported value: \"Lost\": supported values: \"Denied\","
                + " \"Failed\", \"Issued\"");
    ObjectNode touched = request.deepCopy();
    touched.putObject("status").put("certificateChain", "x");
    assertThat(messages(strategy.validateStatusUpdate(touched, request)))
        .singleElement()
        .asString()
        .contains("status is immutable unless transitioning");
  }
}
