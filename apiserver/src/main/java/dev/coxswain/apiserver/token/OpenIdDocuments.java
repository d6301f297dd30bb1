package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What others need to verify our tokens by themselves: the OpenID provider configuration and the
 * JSON web key set.
 */
final class OpenIdDocuments {
  private final Map<String, PublicKey> keys;
  private final String issuer;
  private final String keysUri;

  OpenIdDocuments(SigningKeys keys, String issuer, String keysUri) {
    this.keys = keys.believed();
    this.issuer = issuer;
    this.keysUri = keysUri;
  }

  /** {@code /.well-known/openid-configuration}. */
  Endpoint configuration() {
    ObjectNode document = Json.object();
    document.put("issuer", issuer);
    document.put("jwks_uri", keysUri);
    document.putArray("response_types_supported").add("id_token");
    document.putArray("subject_types_supported").add("public");
    ArrayNode algorithms = document.putArray("id_token_signing_alg_values_supported");
    var used = new TreeSet<String>();
    keys.values().forEach(key -> used.add(SigningKeys.algorithm(key)));
    used.forEach(algorithms::add);
    return answer(document, Answer.JSON);
  }

  /** {@code /openid/v1/jwks}. */
  Endpoint keySet() {
    ObjectNode document = Json.object();
    ArrayNode list = document.putArray("keys");
    keys.forEach((id, key) -> list.add(key(id, key)));
    return answer(document, "application/jwk-set+json");
  }

  private static JsonNode key(String id, PublicKey key) {
    try {
      PublicJsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key);
      jwk.setKeyId(id);
      jwk.setUse("sig");
      jwk.setAlgorithm(SigningKeys.algorithm(key));
      return Json.parse(jwk.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
    } catch (JoseException e) {
      throw new IllegalArgumentException("a service-account key cannot be published", e);
    }
  }

  private static Endpoint answer(JsonNode document, String type) {
    byte[] body = Json.bytes(document);
    return (ApiRequest request) ->
        request
            .exchange()
            .answer(
                new Answer(
                    200,
                    type,
                    Map.of("Cache-Control", List.of("public, max-age=3600")),
                    List.of(body)));
  }
}
