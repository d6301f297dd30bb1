package dev.coxswain.runtime.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;

final class CertificateRequestTest {
  @Test
  void aClientsRequestIsSignedAndNamesItself() throws Exception {
    CertificateRequest made =
        CertificateRequest.of("CN=system:node:one, O=system:nodes", List.of(), List.of());
    PKCS10CertificationRequest read = read(made);
    assertThat(read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(made.key())))
        .isTrue();
    // As Go's libraries order them.
    assertThat(read.getSubject().toString()).isEqualTo("O=system:nodes,CN=system:node:one");
    assertThat(read.getAttributes()).isEmpty();
    assertThat(SignedRequest.parse(read.getEncoded()).key()).isEqualTo(made.key());
    assertThat(Pem.privateKey(made.keyPem().getBytes(US_ASCII)).getAlgorithm()).isEqualTo("EC");
  }

  @Test
  void aServersRequestNamesWhereItServes() throws Exception {
    PKCS10CertificationRequest read =
        read(
            CertificateRequest.of(
                "CN=system:node:one, O=system:nodes", List.of("one"), List.of("10.0.0.7", "::1")));
    Extensions extensions =
        Extensions.getInstance(
            read.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)[0]
                .getAttrValues()
                .getObjectAt(0));
    GeneralNames names = GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName);
    assertThat(List.of(names.getNames()))
        .extracting(Object::toString)
        .containsExactly("2: one", "7: #0a000007", "7: #00000000000000000000000000000001");
  }

  @Test
  void anAddressThatIsNoneIsNamed() {
    assertThatThrownBy(() -> CertificateRequest.of("CN=one", List.of(), List.of("host")))
        .hasMessage("host is not an IP address");
  }

  private static PKCS10CertificationRequest read(CertificateRequest made) throws Exception {
    String body = made.pem().replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    return new PKCS10CertificationRequest(Base64.getDecoder().decode(body));
  }
}
