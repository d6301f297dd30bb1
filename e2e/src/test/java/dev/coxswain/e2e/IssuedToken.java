package dev.coxswain.e2e;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/** Tokens of an OpenID issuer, and the key by which they are known. */
final class IssuedToken {
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys;

  IssuedToken(KeyPair keys) {
    this.keys = keys;
  }

  /** A JSON Web Key Set with the public key. */
  String keySet() {
    RSAPublicKey key = (RSAPublicKey) keys.getPublic();
    return """
    {"keys": [{"kty": "RSA", "kid": "first", "use": "sig", "alg": "RS256", "n": "%s", "e": "%s"}]}
    """
        .formatted(
            BASE64.encodeToString(key.getModulus().toByteArray()),
            BASE64.encodeToString(key.getPublicExponent().toByteArray()));
  }

  /** A token that says this. */
  String of(String claims) {
    String signed = encoded("{\"alg\":\"RS256\",\"kid\":\"first\"}") + "." + encoded(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(keys.getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String encoded(String text) {
    return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
