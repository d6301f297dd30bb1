package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a service-account token says, in the claims that upstream uses (KEP-1205, KEP-4193).
 *
 * @param issuer who signed
 * @param audiences whom it is for
 * @param id the token's own id
 * @param issued when it was signed; it is not valid before
 * @param expires from when on it is not valid
 * @param namespace the service account's namespace
 * @param account the service account
 * @param pod the pod it is bound to; null where it is not
 * @param secret the Secret it is bound to; null where it is not
 * @param node the pod's node, or the node it is bound to; null where there is none
 */
record TokenClaims(
    String issuer,
    List<String> audiences,
    String id,
    Instant issued,
    Instant expires,
    String namespace,
    Reference account,
    @Nullable Reference pod,
    @Nullable Reference secret,
    @Nullable Reference node) {
  private static final String PRIVATE = "kubernetes.io";

  TokenClaims {
    audiences = List.copyOf(audiences);
  }

  /** An object by name and uid. */
  record Reference(String name, String uid) {
    private ObjectNode json() {
      return Json.object().put("name", name).put("uid", uid);
    }

    private static @Nullable Reference of(JsonNode node) {
      return node.isObject()
          ? new Reference(Json.text(node, "name"), Json.text(node, "uid"))
          : null;
    }
  }

  /** {@code system:serviceaccount:NAMESPACE:NAME}. */
  String subject() {
    return ServiceAccountNames.user(namespace, account.name());
  }

  ObjectNode json() {
    ObjectNode claims = Json.object();
    audiences.forEach(claims.putArray("aud")::add);
    claims.put("exp", expires.getEpochSecond());
    claims.put("iat", issued.getEpochSecond());
    claims.put("iss", issuer);
    claims.put("jti", id);
    ObjectNode ours = claims.putObject(PRIVATE);
    ours.put("namespace", namespace);
    put(ours, "node", node);
    put(ours, "pod", pod);
    put(ours, "secret", secret);
    put(ours, "serviceaccount", account);
    claims.put("nbf", issued.getEpochSecond());
    claims.put("sub", subject());
    return claims;
  }

  private static void put(ObjectNode claims, String name, @Nullable Reference reference) {
    if (reference != null) {
      claims.set(name, reference.json());
    }
  }

  /** Empty when it is not a token of a service account. */
  static Optional<TokenClaims> of(JsonNode claims) {
    JsonNode ours = claims.path(PRIVATE);
    Reference account = Reference.of(ours.path("serviceaccount"));
    if (account == null || Json.text(ours, "namespace").isEmpty()) {
      return Optional.empty();
    }
    List<String> audiences = new ArrayList<>();
    if (claims.path("aud") instanceof ArrayNode several) {
      several.forEach(audience -> audiences.add(audience.asString("")));
    } else {
      audiences.add(Json.text(claims, "aud"));
    }
    TokenClaims read =
        new TokenClaims(
            Json.text(claims, "iss"),
            audiences,
            Json.text(claims, "jti"),
            Instant.ofEpochSecond(Json.number(claims, 0, "nbf")),
            Instant.ofEpochSecond(Json.number(claims, 0, "exp")),
            Json.text(ours, "namespace"),
            account,
            Reference.of(ours.path("pod")),
            Reference.of(ours.path("secret")),
            Reference.of(ours.path("node")));
    return read.subject().equals(Json.text(claims, "sub")) ? Optional.of(read) : Optional.empty();
  }
}
