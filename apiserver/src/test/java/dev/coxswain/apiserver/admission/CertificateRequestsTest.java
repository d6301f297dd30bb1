package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.runtime.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class CertificateRequestsTest {
  private static final String CLIENT = "kubernetes.io/kube-apiserver-client";

  private final CertificateRequests plugin =
      new CertificateRequests(attributes -> new Decision.NoOpinion(""), new SystemTime());

  @Test
  void nobodyAsksForACertificateAboveAllRules() {
    assertThatThrownBy(
            () -> plugin.validate(create(CLIENT, pem("CN=jane,O=crew,O=system:masters"))))
        .hasMessage(
            "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: use of"
                + " kubernetes.io/kube-apiserver-client signer with system:masters group is not"
                + " allowed");
    assertThatCode(() -> plugin.validate(create(CLIENT, pem("CN=jane,O=crew"))))
        .doesNotThrowAnyException();
    assertThatCode(() -> plugin.validate(create("example.com/mine", pem("CN=x,O=system:masters"))))
        .doesNotThrowAnyException();
  }

  @Test
  void whatCannotBeReadCannotBeJudged() {
    assertThatThrownBy(() -> plugin.validate(create(CLIENT, "no request at all")))
        .hasMessageContaining("is forbidden: unable to parse csr: ");
  }

  private static AdmissionRequest create(String signer, String pem) {
    return Scene.create("certificatesigningrequests.certificates.k8s.io", object(signer, pem));
  }

  static ObjectNode object(String signer, String pem) {
    ObjectNode object = Json.object();
    object.putObject("metadata").put("name", "r");
    object
        .putObject("spec")
        .put("signerName", signer)
        .put(
            "request", Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    return object;
  }

  static String pem(String subject) throws Exception {
    KeyPair key = KeyPairGenerator.getInstance("EC").generateKeyPair();
    byte[] request =
        new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), key.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
            .getEncoded();
    return "-----BEGIN CERTIFICATE REQUEST-----\n"
        + Base64.getMimeEncoder().encodeToString(request)
        + "\n-----END CERTIFICATE REQUEST-----\n";
  }
}
