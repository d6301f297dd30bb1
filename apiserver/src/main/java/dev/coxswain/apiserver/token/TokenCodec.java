package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Tokens as signed text (JWS compact form, RFC 7515) and back. Thread-safe. */
public final class TokenCodec {
  /** Tokens whose signature is remembered as good; the longest unused is forgotten first. */
  private static final int VERIFIED_LIMIT = 1_024;

  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(ConstraintType.PERMIT, "RS256", "ES256", "ES384", "ES512");

  private final SigningKeys keys;
  private final Map<String, PublicKey> believed;
  private final String issuer;
  private final Map<String, TokenClaims> verified =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenClaims> eldest) {
          return size() > VERIFIED_LIMIT;
        }
      };

  TokenCodec(SigningKeys keys, String issuer) {
    this.keys = keys;
    this.believed = keys.believed();
    this.issuer = issuer;
  }

  String issuer() {
    return issuer;
  }

  String sign(TokenClaims claims) {
    PrivateKey key = keys.signing();
    if (key == null) {
      throw new ApiException(
          StatusReason.NOT_FOUND, "this server has no --service-account-signing-key-file");
    }
    try {
      var signature = new JsonWebSignature();
      signature.setAlgorithmHeaderValue(keys.algorithm());
      signature.setKeyIdHeaderValue(keys.signingId());
      signature.setKey(key);
      signature.setPayload(new String(Json.bytes(claims.json()), StandardCharsets.UTF_8));
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("cannot sign a token", e);
    }
  }

  /**
   * The claims of a token that one of our keys signed for our issuer; empty when somebody else's
   * name stands on it, or it is no such token at all. Whether it is valid now is not asked here.
   *
   * @throws ApiException when it says that it is ours and is not
   */
  Optional<TokenClaims> verify(String token) {
    TokenClaims known;
    synchronized (verified) {
      known = verified.get(token);
    }
    if (known != null) {
      return Optional.of(known);
    }
    if (!names(token, issuer)) {
      return Optional.empty();
    }
    Optional<TokenClaims> claims = TokenClaims.of(payload(token));
    claims.ifPresent(good -> {
      synchronized (verified) {
        verified.put(token, good);
      }
    });
    return claims;
  }

  /**
   * What a token says that one of our keys signed, whatever issuer it names.
   *
   * @throws ApiException where none of them did
   */
  JsonNode payload(String token) {
    try {
      var signature = new JsonWebSignature();
      signature.setAlgorithmConstraints(ALGORITHMS);
      signature.setCompactSerialization(token);
      @Nullable String id = signature.getKeyIdHeaderValue();
      PublicKey key = id == null ? null : believed.get(id);
      if (key == null) {
        throw new ApiException(StatusReason.UNAUTHORIZED, "the token's key is not known");
      }
      // The header's algorithm must be the key's own: nobody chooses how we verify.
      if (!SigningKeys.algorithm(key).equals(signature.getAlgorithmHeaderValue())) {
        throw new ApiException(StatusReason.UNAUTHORIZED, "the token's algorithm is not its key's");
      }
      signature.setKey(key);
      if (!signature.verifySignature()) {
        throw new ApiException(StatusReason.UNAUTHORIZED, "the token's signature is wrong");
      }
      return Json.parse(signature.getPayload());
    } catch (JoseException | JacksonException e) {
      throw new ApiException(StatusReason.UNAUTHORIZED, "the token cannot be read");
    }
  }

  /** Whether a token names this issuer; whether that is true is not asked here. */
  public static boolean names(String token, String issuer) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return false;
    }
    try {
      byte[] payload = Base64.getUrlDecoder().decode(parts[1]);
      return Json.text(Json.parse(payload), "iss").equals(issuer);
    } catch (IllegalArgumentException | JacksonException e) {
      return false;
    }
  }
}
