package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authn.UserJson;
import dev.coxswain.apiserver.token.TokenCodec;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tokens of another issuer. Nothing of a token but the reason for refusing it reaches the log. */
final class OpenIdAuthenticator implements Authenticator {
  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(
          ConstraintType.PERMIT, "RS256", "RS384", "RS512", "ES256", "ES384", "ES512");

  private final TrustedIssuer issuer;
  private final IssuerKeys keys;
  private final Time time;

  /** Believes an issuer, whose keys are these. */
  OpenIdAuthenticator(TrustedIssuer issuer, IssuerKeys keys, Time time) {
    this.issuer = issuer;
    this.keys = keys;
    this.time = time;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    String token = credentials.bearerToken();
    if (token == null || !TokenCodec.names(token, issuer.keys().issuer())) {
      return Optional.empty();
    }
    JsonNode claims = verified(token);
    checkTimes(claims);
    if (ClaimMapping.listed(claims.path("aud")).stream().noneMatch(issuer.audiences()::contains)) {
      throw Refusals.refused(
          "the token is for "
              + claims.path("aud")
              + ", not for "
              + String.join(" or ", issuer.audiences()));
    }
    UserInfo user = issuer.mapping().user(claims);
    issuer
        .requiredClaims()
        .forEach((claim, value) -> {
          if (!(claims.path(claim).isString() && Json.text(claims, claim).equals(value))) {
            throw Refusals.refused(
                "the required claim " + claim + " is missing or has another value");
          }
        });
    issuer.claimRules().forEach(rule -> rule.check(claims));
    if (!issuer.userRules().isEmpty()) {
      ObjectNode made = complete(user);
      issuer.userRules().forEach(rule -> rule.check(made));
    }
    return Optional.of(user);
  }

  /** With every field: expressions may look at each. */
  private static ObjectNode complete(UserInfo user) {
    ObjectNode json = UserJson.of(user);
    json.put("uid", user.uid());
    Json.ensureObject(json, "extra");
    if (!json.has("groups")) {
      json.putArray("groups");
    }
    return json;
  }

  private JsonNode verified(String token) {
    try {
      JsonWebSignature signature = new JsonWebSignature();
      signature.setAlgorithmConstraints(ALGORITHMS);
      signature.setCompactSerialization(token);
      for (JsonWebKey key : keys.find(signature.getKeyIdHeaderValue())) {
        if (fits(key, signature.getAlgorithmHeaderValue())) {
          signature.setKey(((PublicJsonWebKey) key).getPublicKey());
          if (signature.verifySignature()) {
            return Json.parse(signature.getPayload());
          }
        }
      }
      throw Refusals.refused("the token's signature is not one of its issuer's");
    } catch (JoseException | JacksonException e) {
      throw Refusals.refused("the token cannot be verified: " + e.getMessage());
    } catch (IOException e) {
      throw Refusals.refused(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusals.refused("the server is shutting down");
    }
  }

  /** The key's own kind decides what it may have signed, not the token's header. */
  private static boolean fits(JsonWebKey key, String algorithm) {
    String wanted =
        switch (key.getKeyType()) {
          case "RSA" -> "RS";
          case "EC" -> "ES";
          default -> "none";
        };
    return key instanceof PublicJsonWebKey
        && algorithm.startsWith(wanted)
        && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
  }

  private void checkTimes(JsonNode claims) {
    Instant now = time.now();
    Instant expires = Instant.ofEpochSecond(Json.number(claims, 0, "exp"));
    if (!now.isBefore(expires)) {
      throw Refusals.refused("the token expired " + expires);
    }
    Instant begins = Instant.ofEpochSecond(Json.number(claims, 0, "nbf"));
    if (now.isBefore(begins)) {
      throw Refusals.refused("the token is not valid before " + begins);
    }
  }
}
