package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.token.TokenCodec;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Tokens of another issuer. Nothing of a token but the reason for refusing it reaches the log. */
public final class OpenIdAuthenticator implements Authenticator, AutoCloseable {
  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(
          ConstraintType.PERMIT, "RS256", "RS384", "RS512", "ES256", "ES384", "ES512");

  private final OpenIdSettings settings;
  private final IssuerKeys keys;
  private final Time time;

  /** Believes the issuer that the settings name. */
  public OpenIdAuthenticator(OpenIdSettings settings, Time time) {
    this.settings = settings;
    this.keys = new IssuerKeys(settings.issuer(), settings.authorities(), time);
    this.time = time;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    String token = credentials.bearerToken();
    if (token == null || !TokenCodec.names(token, settings.issuer())) {
      return Optional.empty();
    }
    JsonNode claims = verified(token);
    checkTimes(claims);
    if (!texts(claims.path("aud")).contains(settings.client())) {
      throw refused("the token is for " + claims.path("aud") + ", not for " + settings.client());
    }
    settings
        .requiredClaims()
        .forEach((claim, value) -> {
          if (!Json.text(claims, claim).equals(value)) {
            throw refused("the required claim " + claim + " is missing or has another value");
          }
        });
    return Optional.of(new UserInfo(name(claims), "", groups(claims), Map.of()));
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
      throw refused("the token's signature is not one of its issuer's");
    } catch (JoseException | JacksonException e) {
      throw refused("the token cannot be verified: " + e.getMessage());
    } catch (IOException e) {
      throw refused(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused("the server is shutting down");
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
      throw refused("the token expired " + expires);
    }
    Instant begins = Instant.ofEpochSecond(Json.number(claims, 0, "nbf"));
    if (now.isBefore(begins)) {
      throw refused("the token is not valid before " + begins);
    }
  }

  private String name(JsonNode claims) {
    String name = Json.text(claims, settings.usernameClaim());
    if (name.isEmpty()) {
      throw refused("the token has no claim " + settings.usernameClaim());
    }
    boolean unverified =
        settings.usernameClaim().equals("email")
            && claims.has("email_verified")
            && !Json.flag(claims, "email_verified");
    if (unverified) {
      throw refused("the token's email address is not verified");
    }
    return settings.usernamePrefix() + name;
  }

  private List<String> groups(JsonNode claims) {
    return settings.groupsClaim().isEmpty()
        ? List.of()
        : texts(claims.path(settings.groupsClaim())).stream()
            .map(group -> settings.groupsPrefix() + group)
            .toList();
  }

  /** One text or several. */
  private static List<String> texts(JsonNode claim) {
    List<String> texts = new ArrayList<>();
    if (claim.isString()) {
      texts.add(claim.asString());
    } else {
      claim.forEach(text -> texts.add(text.asString("")));
    }
    return texts;
  }

  private static ApiException refused(String why) {
    return new ApiException(StatusReason.UNAUTHORIZED, "oidc: " + why);
  }

  @Override
  public void close() {
    keys.close();
  }
}
