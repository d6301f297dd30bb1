package dev.coxswain.apiserver.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

final class OpenIdAuthenticatorTest {
  private final ManualTime time = new ManualTime();
  private final TestIssuer issuer = new TestIssuer();
  private final PublicJsonWebKey first = issuer.key;
  private OpenIdTokens authenticator;
  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    authenticator = open(null, "groups", List.of());
  }

  @AfterEach
  void stop() {
    authenticator.close();
    issuer.close();
  }

  private OpenIdTokens open(@Nullable String prefix, String groups, List<String> required)
      throws IOException {
    Path authorities = Files.writeString(folder.resolve("issuer-ca.crt"), issuer.authorities());
    return OpenIdTokens.of(
        OpenIdSettings.of(
            issuer.url, "ship", "sub", prefix, groups, "crew:", required, authorities),
        time);
  }

  private ObjectNode claims() {
    return issuer.claims(time);
  }

  private Optional<UserInfo> user(String token) {
    return authenticator.authenticate(Credentials.token(token));
  }

  @Test
  void aTokenOfTheIssuerIsAUserWithItsGroups() {
    UserInfo user = user(TestIssuer.sign(claims(), first, "RS256")).orElseThrow();
    assertThat(user.name()).isEqualTo(issuer.url + "#ada");
    assertThat(user.groups()).containsExactly("crew:bridge", "crew:deck");
  }

  @Test
  void prefixesAreAsTheFlagsSay() throws IOException {
    authenticator.close();
    authenticator = open("-", "", List.of());
    UserInfo user = user(TestIssuer.sign(claims(), first, "RS256")).orElseThrow();
    assertThat(user.name()).isEqualTo("ada");
    assertThat(user.groups()).isEmpty();
  }

  @Test
  void tokensOfOthersAreLeftToOthers() {
    assertThat(user("abcdef.0123456789abcdef")).isEmpty();
    assertThat(user(TestIssuer.sign(claims().put("iss", "https://elsewhere"), first, "RS256")))
        .isEmpty();
  }

  @Test
  void whatDoesNotHoldIsRefusedWithAReason() {
    long now = time.now().getEpochSecond();
    assertRefused(claims().put("aud", "harbour"), "is for \"harbour\", not for ship");
    assertRefused(claims().put("exp", now - 1), "expired");
    assertRefused(claims().put("nbf", now + 60), "not valid before");
    ObjectNode nameless = claims();
    nameless.remove("sub");
    assertRefused(nameless, "has no claim sub");
  }

  private void assertRefused(ObjectNode claims, String why) {
    assertThatThrownBy(() -> user(TestIssuer.sign(claims, first, "RS256")))
        .hasMessageContaining(why);
  }

  @Test
  void requiredClaimsMustBeThere() throws IOException {
    authenticator.close();
    authenticator = open(null, "", List.of("ship=aurora"));
    assertRefused(claims(), "required claim ship");
    assertThat(user(TestIssuer.sign(claims().put("ship", "aurora"), first, "RS256"))).isPresent();
  }

  @Test
  void keysAreRotatedAndUnknownOnesAreNotAskedForAgainAndAgain() throws JoseException {
    assertThat(user(TestIssuer.sign(claims(), first, "RS256"))).isPresent();
    PublicJsonWebKey second = EcJwkGenerator.generateJwk(EllipticCurves.P256);
    second.setKeyId("second");
    assertThatThrownBy(() -> user(TestIssuer.sign(claims(), second, "ES256")))
        .hasMessageContaining("no key \"second\"");
    issuer.publish(first, second);
    int asked = issuer.server.users.size();
    assertThatThrownBy(() -> user(TestIssuer.sign(claims(), second, "ES256")))
        .hasMessageContaining("no key \"second\"");
    assertThat(issuer.server.users).hasSize(asked);
    time.advance(Duration.ofSeconds(11));
    assertThat(user(TestIssuer.sign(claims(), second, "ES256"))).isPresent();
    assertThat(user(TestIssuer.sign(claims(), first, "RS256"))).isPresent();
  }

  @Test
  void nobodyElseSigns() {
    PublicJsonWebKey forged = TestIssuer.rsa("first");
    assertThatThrownBy(() -> user(TestIssuer.sign(claims(), forged, "RS256")))
        .hasMessageContaining("signature is not one of its issuer's");
    byte[] known = first.getPublicKey().getEncoded();
    assertThatThrownBy(() -> user(TestIssuer.sign(claims(), "first", new HmacKey(known), "HS256")))
        .hasMessageContaining("oidc: ");
  }

  @Test
  void anIssuerThatDoesNotAnswerIsNamed() {
    issuer.close();
    assertThatThrownBy(() -> user(TestIssuer.sign(claims(), first, "RS256")))
        .hasMessageContaining("the issuer's keys cannot be fetched");
  }

  @Test
  void flagsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(
            () -> OpenIdSettings.of("http://plain", "ship", "sub", null, "", "", List.of(), null))
        .hasMessageContaining("--oidc-issuer-url");
    assertThatThrownBy(
            () -> OpenIdSettings.of(issuer.url, "ship", "sub", null, "", "", List.of("x"), null))
        .hasMessageContaining("--oidc-required-claim");
  }
}
