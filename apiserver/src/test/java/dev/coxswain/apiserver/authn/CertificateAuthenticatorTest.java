package dev.coxswain.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.tls.TestPki;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CertificateAuthenticatorTest {
  private final ManualTime time = new ManualTime();

  @Test
  void commonNameIsTheUserAndOrganizationsAreTheGroups() {
    assertThat(CertificateAuthenticator.subject("CN=system:node:n1,O=system:nodes,O=more"))
        .hasValueSatisfying(user -> {
          assertThat(user.name()).isEqualTo("system:node:n1");
          assertThat(user.groups()).containsExactlyInAnyOrder("system:nodes", "more");
        });
  }

  @Test
  void escapedCharactersAndJoinedAttributesAreRead() {
    assertThat(CertificateAuthenticator.subject("CN=a\\,b+O=x,C=DE"))
        .hasValueSatisfying(user -> {
          assertThat(user.name()).isEqualTo("a,b");
          assertThat(user.groups()).containsExactly("x");
        });
  }

  @Test
  void aCertificateThatExpiresWhileItsConnectionStandsProvesNothingMore() {
    var shown =
        new Credentials(List.of(new TestPki("ca").issue("CN=someone").certificate()), null, "");
    var authenticator = new CertificateAuthenticator(time);
    assertThat(authenticator.authenticate(shown).orElseThrow().name()).isEqualTo("someone");
    time.advance(Duration.ofDays(36_500));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> authenticator.authenticate(shown))
        .withMessageStartingWith("the certificate of CN=someone has expired on ")
        .matches(refused -> refused.is(StatusReason.UNAUTHORIZED));
  }

  @Test
  void theCertificateIsToldByItsHash() throws GeneralSecurityException {
    X509Certificate certificate = new TestPki("ca").issue("CN=someone").certificate();
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    assertThat(
            new CertificateAuthenticator(time)
                .authenticate(new Credentials(List.of(certificate), null, ""))
                .orElseThrow()
                .extra())
        .containsExactly(
            Map.entry(
                "authentication.kubernetes.io/credential-id",
                List.of("X509SHA256=" + HexFormat.of().formatHex(hash))));
  }

  @Test
  void noCommonNameIsNobody() {
    assertThat(CertificateAuthenticator.subject("O=system:masters")).isEmpty();
    assertThat(new CertificateAuthenticator(time).authenticate(Credentials.NONE)).isEmpty();
  }
}
