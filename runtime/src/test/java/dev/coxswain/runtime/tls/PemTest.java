package dev.coxswain.runtime.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import org.junit.jupiter.api.Test;

class PemTest {
  private final TestPki pki = new TestPki("test-ca");

  @Test
  void readsEveryPrivateKeyFormat() {
    for (KeyPair keys : new KeyPair[] {TestPki.ecKeys(), TestPki.rsaKeys()}) {
      TestPki.Issued issued = pki.issue(keys, "CN=x");
      for (String pem : new String[] {issued.keyPem(), issued.traditionalKeyPem()}) {
        assertThat(secret(Pem.privateKey(bytes(pem)))).isEqualTo(secret(keys.getPrivate()));
        assertThat(Pem.publicKeys(bytes(pem))).containsExactly(keys.getPublic());
      }
      assertThat(Pem.publicKeys(bytes(TestPki.pem(keys.getPublic()))))
          .containsExactly(keys.getPublic());
    }
  }

  @Test
  void readsAllCertificatesOfABundleInOrder() {
    TestPki.Issued issued = pki.issue("CN=x");
    assertThat(Pem.certificates(bytes(issued.certificatePem() + "\n" + pki.authorityPem())))
        .extracting(certificate -> certificate.getSubjectX500Principal().getName())
        .containsExactly("CN=x", "CN=test-ca");
  }

  @Test
  void everyCertificateOfABundleHasAKeyOfItsOwn() {
    KeyPair one = TestPki.ecKeys();
    KeyPair two = TestPki.rsaKeys();
    String bundle =
        pki.issue(one, "CN=1").certificatePem() + pki.issue(two, "CN=2").certificatePem();
    assertThat(Pem.publicKeys(bytes(bundle))).containsExactly(one.getPublic(), two.getPublic());
  }

  @Test
  void saysWhatIsWrongWithoutQuotingIt() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Pem.certificates(bytes("secret")))
        .withMessage("holds no PEM block of the type CERTIFICATE");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Pem.privateKey(
                bytes("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----")))
        .withMessage("not a valid RSA, EC or EdDSA private key");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Pem.privateKey(
                bytes("-----BEGIN EC PRIVATE KEY-----\nc2Vj\n-----END EC PRIVATE KEY-----")))
        .withMessage("DER element is cut off");
  }

  /** The number that matters: encodings may carry the curve and the public point or not. */
  private static BigInteger secret(PrivateKey key) {
    return key instanceof ECPrivateKey ec ? ec.getS() : ((RSAPrivateKey) key).getPrivateExponent();
  }

  private static byte[] bytes(String pem) {
    return pem.getBytes(StandardCharsets.US_ASCII);
  }
}
