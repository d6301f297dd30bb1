package dev.coxswain.controllers.serviceaccount;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import tools.jackson.databind.node.ObjectNode;

/** Signs the tokens that stand in Secrets (JWS compact form, RFC 7515). */
public final class TokenSigner {
  private final PrivateKey key;
  private final String head;
  private final String algorithm;

  private TokenSigner(PrivateKey key, PublicKey shown) throws GeneralSecurityException {
    boolean rsa = shown instanceof RSAPublicKey;
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(shown.getEncoded());
    ObjectNode header = Json.object().put("alg", rsa ? "RS256" : "ES256");
    header.put("kid", Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
    this.key = key;
    this.head = encode(Json.bytes(header));
    this.algorithm = rsa ? "SHA256withRSA" : "SHA256withECDSAinP1363Format";
  }

  /**
   * Reads the key.
   *
   * @throws IllegalArgumentException where it is none that can sign
   */
  public static TokenSigner read(Path file) throws IOException {
    byte[] pem = Files.readAllBytes(file);
    try {
      return new TokenSigner(Pem.privateKey(pem), Pem.publicKeys(pem).getFirst());
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--service-account-private-key-file: " + file + " " + e.getMessage(), e);
    }
  }

  /** A token that says this. */
  String sign(ObjectNode claims) {
    String signed = head + "." + encode(Json.bytes(claims));
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a service-account token cannot be signed", e);
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
