package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.webhook.WebhookServer;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.Base64;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import tools.jackson.databind.node.ObjectNode;

/** An OpenID issuer on loopback. */
final class TestIssuer implements AutoCloseable {
  final WebhookServer server = new WebhookServer();
  final String url = "https://127.0.0.1:" + server.port();
  final PublicJsonWebKey key = rsa("first");

  TestIssuer() {
    publish(key);
  }

  static PublicJsonWebKey rsa(String id) {
    try {
      PublicJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId(id);
      return key;
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Tells these keys from now on. */
  void publish(PublicJsonWebKey... keys) {
    publishAt("/.well-known/openid-configuration");
    server.serve(
        "/keys",
        Json.parseObject(
            new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY)));
  }

  /** Serves its document at another path, too. */
  void publishAt(String path) {
    server.serve(path, Json.object().put("issuer", url).put("jwks_uri", url + "/keys"));
  }

  /** The PEM text of the CA of its certificate. */
  String authorities() {
    return new String(Base64.getDecoder().decode(server.authorities()), StandardCharsets.US_ASCII);
  }

  /** What a token of Ada's says, for ten minutes. */
  ObjectNode claims(Time time) {
    long now = time.now().getEpochSecond();
    ObjectNode claims = Json.object().put("iss", url).put("aud", "ship").put("sub", "ada");
    claims.put("exp", now + 600);
    claims.putArray("groups").add("bridge").add("deck");
    return claims;
  }

  /** A token. */
  String sign(ObjectNode claims) {
    return sign(claims, key, "RS256");
  }

  static String sign(ObjectNode claims, PublicJsonWebKey key, String algorithm) {
    return sign(claims, key.getKeyId(), key.getPrivateKey(), algorithm);
  }

  static String sign(ObjectNode claims, String id, Key key, String algorithm) {
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

  @Override
  public void close() {
    server.close();
  }
}
