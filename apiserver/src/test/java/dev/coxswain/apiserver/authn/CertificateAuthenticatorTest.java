package dev.coxswain.apiserver.authn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CertificateAuthenticatorTest {

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
  void noCommonNameIsNobody() {
    assertThat(CertificateAuthenticator.subject("O=system:masters")).isEmpty();
    assertThat(new CertificateAuthenticator().authenticate(Credentials.NONE)).isEmpty();
  }
}
