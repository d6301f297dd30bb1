package dev.coxswain.apiserver.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.request.ReviewHandler.Review;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class ServiceAccountTokensTest {
  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
  private static final UserInfo ADMIN = UserInfo.of("admin", List.of(UserInfo.MASTERS));

  private final ManualTime time = new ManualTime();
  private final Map<String, ObjectNode> objects = new HashMap<>();
  private final ObjectView view =
      new ObjectView() {
        @Override
        public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
          return Optional.ofNullable(objects.get(resource + " " + key));
        }

        @Override
        public List<ObjectNode> list(GroupResource resource, String namespace) {
          throw new UnsupportedOperationException();
        }

        @Override
        public long revision(GroupResource resource) {
          throw new UnsupportedOperationException();
        }
      };
  @TempDir private Path folder;

  @BeforeEach
  void scene() {
    put("serviceaccounts default/web", "{'metadata':{'uid':'sa-1'}}");
    put(
        "pods default/p",
        "{'metadata':{'uid':'pod-1'},'spec':{'serviceAccountName':'web','nodeName':'n1'}}");
    put("nodes n1", "{'metadata':{'uid':'node-1'}}");
  }

  private void put(String key, String json) {
    objects.put(key, Json.parseObject(json.replace('\'', '"')));
  }

  private ServiceAccountTokens tokens(String algorithm, int size) {
    return tokens(write("sa.key", keys(algorithm, size)));
  }

  private ServiceAccountTokens tokens(Path key) {
    return new ServiceAccountTokens(
        new SigningKeys(key, List.of()),
        ISSUER,
        "https://a/openid/v1/jwks",
        view,
        time,
        Randomness.seeded(1));
  }

  private static KeyPair keys(String algorithm, int size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(size);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path write(String name, KeyPair keys) {
    String body = Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded());
    try {
      return Files.writeString(
          folder.resolve(name),
          "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode request(ServiceAccountTokens tokens, UserInfo user, String spec) {
    ObjectNode body = Json.parseObject("{\"spec\":" + spec.replace('\'', '"') + "}");
    return tokens.requests().create(new Review(user, "default", "web", body, false));
  }

  private static String token(ServiceAccountTokens tokens, String spec) {
    return Json.text(request(tokens, ADMIN, spec), "status", "token");
  }

  private static Optional<UserInfo> authenticate(ServiceAccountTokens tokens, String token) {
    return tokens.authenticator().authenticate(Credentials.token(token));
  }

  private static final String POD_REF =
      "'boundObjectRef':{'apiVersion':'v1','kind':'Pod','name':'p','uid':'pod-1'}";

  @Test
  void aTokenProvesItsAccountPodAndNodeWithEitherKindOfKey() {
    for (ServiceAccountTokens tokens : List.of(tokens("EC", 256), tokens("RSA", 2048))) {
      UserInfo user = authenticate(tokens, token(tokens, "{" + POD_REF + "}")).orElseThrow();
      assertThat(user.name()).isEqualTo("system:serviceaccount:default:web");
      assertThat(user.uid()).isEqualTo("sa-1");
      assertThat(user.groups())
          .containsExactly("system:serviceaccounts", "system:serviceaccounts:default");
      assertThat(user.extra())
          .containsEntry("authentication.kubernetes.io/pod-name", List.of("p"))
          .containsEntry("authentication.kubernetes.io/pod-uid", List.of("pod-1"))
          .containsEntry("authentication.kubernetes.io/node-name", List.of("n1"))
          .containsKey("authentication.kubernetes.io/credential-id");
    }
  }

  @Test
  void aTokenEndsWithItsTimeItsAccountAndItsPod() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    String plain = token(tokens, "{'expirationSeconds':600}");
    assertThat(authenticate(tokens, plain)).isPresent();
    time.advance(Duration.ofMinutes(10));
    refused(tokens, plain, "expired");

    String bound = token(tokens, "{" + POD_REF + "}");
    put("pods default/p", "{'metadata':{'uid':'pod-2'}}");
    refused(tokens, bound, "the token's pods \"default/p\" is gone");

    String unbound = token(tokens, "{}");
    objects.remove("serviceaccounts default/web");
    refused(tokens, unbound, "the token's serviceaccounts \"default/web\" is gone");
  }

  @Test
  void aTokenForOthersOrByOthersIsNotAccepted() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    refused(tokens, token(tokens, "{'audiences':['vault']}"), "the token is for [vault]");

    String good = token(tokens, "{}");
    ServiceAccountTokens other = tokens(write("other.key", keys("EC", 256)));
    refused(other, good, "the token's key is not known");

    String[] parts = good.split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String forged =
        parts[0]
            + "."
            + Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.replace("sa-1", "sa-2").getBytes(StandardCharsets.UTF_8))
            + "."
            + parts[2];
    refused(tokens, forged, "the token's signature is wrong");
    String unsigned =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + parts[1]
            + ".";
    refused(tokens, unsigned, "the token");

    assertThat(authenticate(tokens, "a-static-token")).isEmpty();
    assertThat(tokens.authenticator().authenticate(Credentials.NONE)).isEmpty();
  }

  @Test
  void thePodVolumesTokenOutlivesItsRefreshAsOldProgramsNeed() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    ObjectNode answer = request(tokens, ADMIN, "{'expirationSeconds':3607," + POD_REF + "}");
    assertThat(Json.text(answer, "status", "expirationTimestamp"))
        .isEqualTo("2026-01-01T01:00:07Z");
    time.advance(Duration.ofDays(300));
    assertThat(authenticate(tokens, Json.text(answer, "status", "token"))).isPresent();
  }

  @Test
  void aRequestThatMakesNoSenseIsRefused() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> token(tokens, "{'expirationSeconds':10}"))
        .withMessageContaining(
            "spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10"
                + " minutes")
        .matches(e -> e.is(StatusReason.INVALID));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> token(tokens, "{" + POD_REF.replace("pod-1", "pod-0") + "}"))
        .matches(e -> e.is(StatusReason.CONFLICT));
    put("pods default/p", "{'metadata':{'uid':'pod-1'},'spec':{'serviceAccountName':'x'}}");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> token(tokens, "{" + POD_REF + "}"))
        .matches(e -> e.is(StatusReason.BAD_REQUEST));
    objects.remove("serviceaccounts default/web");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> token(tokens, "{}"))
        .withMessage("serviceaccounts \"web\" not found");
  }

  @Test
  void aReviewTellsWhoseTokenItIsAndDoesNotRepeatIt() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    ObjectNode good = review(tokens, token(tokens, "{}"));
    assertThat(Json.flag(good, "status", "authenticated")).isTrue();
    assertThat(Json.text(good, "status", "user", "username"))
        .isEqualTo("system:serviceaccount:default:web");
    assertThat(good.toString()).doesNotContain("ey");

    ObjectNode bad = review(tokens, "nonsense");
    assertThat(Json.flag(bad, "status", "authenticated")).isFalse();
    assertThat(Json.text(bad, "status", "error")).isNotEmpty();
  }

  @Test
  void aTokenThatStandsInASecretIsGoodWhileTheSecretHoldsIt() {
    Path key = write("sa.key", keys("RSA", 2048));
    ServiceAccountTokens tokens = tokens(key);
    ObjectNode claims =
        Json.parseObject(
            """
            {"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default",
             "kubernetes.io/serviceaccount/secret.name": "web-token",
             "kubernetes.io/serviceaccount/service-account.name": "web",
             "kubernetes.io/serviceaccount/service-account.uid": "sa-1",
             "sub": "system:serviceaccount:default:web"}
            """);
    String token = signed(new SigningKeys(key, List.of()), claims);
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> secretUser(tokens, token))
        .withMessageContaining("web-token\" is gone");
    String stored = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8));
    put("secrets default/web-token", "{'data':{'token':'" + stored + "'}}");
    assertThat(secretUser(tokens, token).name()).isEqualTo("system:serviceaccount:default:web");
    assertThat(Json.flag(review(tokens, token), "status", "authenticated")).isTrue();
    put("secrets default/web-token", "{'data':{'token':'YW5vdGhlcg=='}}");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> secretUser(tokens, token))
        .withMessageContaining("not the one of its secret");
    put("secrets default/web-token", "{'data':{'token':'" + stored + "'}}");
    put("serviceaccounts default/web", "{'metadata':{'uid':'sa-2'}}");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> secretUser(tokens, token))
        .withMessageContaining("account is gone");
    assertThat(tokens.secretTokens().authenticate(Credentials.token(token(tokens, "{}"))))
        .isEmpty();
  }

  private static UserInfo secretUser(ServiceAccountTokens tokens, String token) {
    return tokens.secretTokens().authenticate(Credentials.token(token)).orElseThrow();
  }

  private static String signed(SigningKeys keys, ObjectNode claims) {
    try {
      JsonWebSignature signature = new JsonWebSignature();
      signature.setPayload(claims.toString());
      signature.setKeyIdHeaderValue(keys.signingId());
      signature.setAlgorithmHeaderValue(keys.algorithm());
      signature.setKey(keys.signing());
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theAuditLogIsToldWhichTokenWasGivenOut() {
    ServiceAccountTokens tokens = tokens("EC", 256);
    Map<String, String> told = new HashMap<>();
    ObjectNode body = Json.parseObject("{\"spec\":{}}");
    ObjectNode answer =
        tokens.requests().create(new Review(ADMIN, "default", "web", body, false, told::put));
    UserInfo user =
        tokens
            .authenticator()
            .authenticate(Credentials.token(Json.text(answer, "status", "token")))
            .orElseThrow();
    assertThat(user.extra().get("authentication.kubernetes.io/credential-id"))
        .containsExactly(told.get("authentication.kubernetes.io/issued-credential-id"));
  }

  private static ObjectNode review(ServiceAccountTokens tokens, String token) {
    ObjectNode body = Json.object();
    body.putObject("spec").put("token", token);
    return tokens
        .reviews(List.of(tokens.secretTokens()))
        .create(new Review(ADMIN, "", "", body, false));
  }

  private static void refused(ServiceAccountTokens tokens, String token, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> authenticate(tokens, token))
        .withMessageContaining(why)
        .matches(e -> e.is(StatusReason.UNAUTHORIZED));
  }
}
