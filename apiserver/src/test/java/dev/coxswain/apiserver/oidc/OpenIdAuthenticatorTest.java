package dev.coxswain.apiserver.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.webhook.WebhookServer;
import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
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
  private final WebhookServer server = new WebhookServer();
  private final String issuer = "https://127.0.0.1:" + server.port();
  private final PublicJsonWebKey first = rsa("first");
  private OpenIdAuthenticator authenticator;
  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    publish(first);
    authenticator = open(null, "groups", List.of());
  }

  @AfterEach
  void stop() {
    authenticator.close();
    server.close();
  }

  private OpenIdAuthenticator open(@Nullable String prefix, String groups, List<String> required)
      throws IOException {
    Path authorities =
        Files.write(
            folder.resolve("issuer-ca.crt"), Base64.getDecoder().decode(server.authorities()));
    return new OpenIdAuthenticator(
        OpenIdSettings.of(issuer, "ship", "sub", prefix, groups, "crew:", required, authorities),
        time);
  }

  private static PublicJsonWebKey rsa(String id) {
    try {
      PublicJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId(id);
      return key;
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private void publish(PublicJsonWebKey... keys) {
    server.serve(
        "/.well-known/openid-configuration",
        Json.object().put("issuer", issuer).put("jwks_uri", issuer + "/keys"));
    server.serve(
        "/keys",
        Json.parseObject(
            new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY)));
  }

  private ObjectNode claims() {
    long now = time.now().getEpochSecond();
    ObjectNode claims = Json.object().put("iss", issuer).put("aud", "ship").put("sub", "ada");
    claims.put("exp", now + 600);
    claims.putArray("groups").add("bridge").add("deck");
    return claims;
  }

  private static String signed(ObjectNode claims, PublicJsonWebKey key, String algorithm) {
    return signed(claims, key.getKeyId(), key.getPrivateKey(), algorithm);
  }

  private static String signed(
      ObjectNode claims, String id, java.security.Key key, String algorithm) {
    try {
      JsonWebSignature signature = new JsonWebSignature();
      signature.setPayload(new String(Json.bytes(claims), StandardCharsets.UTF_8));
      signature.setKeyIdHeaderValue(id);
      signature.setAlgorithmHeaderValue(algorithm);
      signature.setKey(key);
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<UserInfo> user(String token) {
    return authenticator.authenticate(new Credentials(List.of(), token));
  }

  @Test
  void aTokenOfTheIssuerIsAUserWithItsGroups() {
    UserInfo user = user(signed(claims(), first, "RS256")).orElseThrow();
    assertThat(user.name()).isEqualTo(issuer + "#ada");
    assertThat(user.groups()).containsExactly("crew:bridge", "crew:deck");
  }

  @Test
  void prefixesAreAsTheFlagsSay() throws IOException {
    authenticator.close();
    authenticator = open("-", "", List.of());
    UserInfo user = user(signed(claims(), first, "RS256")).orElseThrow();
    assertThat(user.name()).isEqualTo("ada");
    assertThat(user.groups()).isEmpty();
  }

  @Test
  void tokensOfOthersAreLeftToOthers() {
    assertThat(user("abcdef.0123456789abcdef")).isEmpty();
    assertThat(user(signed(claims().put("iss", "https://elsewhere"), first, "RS256"))).isEmpty();
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
    assertThatThrownBy(() -> user(signed(claims, first, "RS256"))).hasMessageContaining(why);
  }

  @Test
  void requiredClaimsMustBeThere() throws IOException {
    authenticator.close();
    authenticator = open(null, "", List.of("ship=aurora"));
    assertRefused(claims(), "required claim ship");
    assertThat(user(signed(claims().put("ship", "aurora"), first, "RS256"))).isPresent();
  }

  @Test
  void keysAreRotatedAndUnknownOnesAreNotAskedForAgainAndAgain() throws JoseException {
    assertThat(user(signed(claims(), first, "RS256"))).isPresent();
    PublicJsonWebKey second = EcJwkGenerator.generateJwk(EllipticCurves.P256);
    second.setKeyId("second");
    assertThatThrownBy(() -> user(signed(claims(), second, "ES256")))
        .hasMessageContaining("no key \"second\"");
    publish(first, second);
    int asked = server.users.size();
    assertThatThrownBy(() -> user(signed(claims(), second, "ES256")))
        .hasMessageContaining("no key \"second\"");
    assertThat(server.users).hasSize(asked);
    time.advance(Duration.ofSeconds(11));
    assertThat(user(signed(claims(), second, "ES256"))).isPresent();
    assertThat(user(signed(claims(), first, "RS256"))).isPresent();
  }

  @Test
  void nobodyElseSigns() {
    PublicJsonWebKey forged = rsa("first");
    assertThatThrownBy(() -> user(signed(claims(), forged, "RS256")))
        .hasMessageContaining("signature is not one of its issuer's");
    byte[] known = first.getPublicKey().getEncoded();
    assertThatThrownBy(() -> user(signed(claims(), "first", new HmacKey(known), "HS256")))
        .hasMessageContaining("oidc: ");
  }

  @Test
  void anIssuerThatDoesNotAnswerIsNamed() {
    server.close();
    assertThatThrownBy(() -> user(signed(claims(), first, "RS256")))
        .hasMessageContaining("the issuer's keys cannot be fetched");
  }

  @Test
  void flagsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(
            () -> OpenIdSettings.of("http://plain", "ship", "sub", null, "", "", List.of(), null))
        .hasMessageContaining("--oidc-issuer-url");
    assertThatThrownBy(
            () -> OpenIdSettings.of(issuer, "ship", "sub", null, "", "", List.of("x"), null))
        .hasMessageContaining("--oidc-required-claim");
  }
}
