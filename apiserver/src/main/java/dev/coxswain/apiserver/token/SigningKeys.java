package dev.coxswain.apiserver.token;

import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of service-account tokens: one that signs, and all that are believed, by their id, so
 * that keys can be rolled. A key's id is the hash of its public part, as upstream computes it.
 */
public final class SigningKeys {
  private final @Nullable PrivateKey signing;
  private final String signingId;
  private final String algorithm;
  private final Map<String, PublicKey> believed = new LinkedHashMap<>();

  /**
   * Reads the files.
   *
   * @param signingKey the private key that signs; null for a server that issues no tokens
   * @param keys files with public (or private) keys that are believed; where there are none, the
   *     signing key's public part
   * @throws IllegalArgumentException naming the file that is not what it should be
   */
  public SigningKeys(@Nullable Path signingKey, List<Path> keys) {
    for (Path file : keys) {
      publicKeys(file).forEach(this::believe);
    }
    if (signingKey == null) {
      signing = null;
      signingId = "";
      algorithm = "";
      return;
    }
    try {
      signing = Pem.privateKey(read(signingKey));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(signingKey + " " + e.getMessage(), e);
    }
    PublicKey own = publicKeys(signingKey).getFirst();
    believe(own);
    signingId = id(own);
    algorithm = algorithm(own);
  }

  private void believe(PublicKey key) {
    algorithm(key);
    believed.put(id(key), key);
  }

  private static List<PublicKey> publicKeys(Path file) {
    try {
      return Pem.publicKeys(read(file));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " " + e.getMessage(), e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the service-account key " + file + ": " + e, e);
    }
  }

  /** The key that signs; null where no tokens are issued. */
  @Nullable PrivateKey signing() {
    return signing;
  }

  /** The id of the key that signs. */
  String signingId() {
    return signingId;
  }

  /** The JOSE name of the signature algorithm of the key that signs. */
  String algorithm() {
    return algorithm;
  }

  /** The keys that are believed, by their ids. */
  Map<String, PublicKey> believed() {
    return Map.copyOf(believed);
  }

  /** {@code RS256}, {@code ES256}, {@code ES384} or {@code ES512}, as the key is. */
  static String algorithm(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> "RS256";
      case ECPublicKey ec ->
          switch (ec.getParams().getOrder().bitLength()) {
            case 256 -> "ES256";
            case 384 -> "ES384";
            case 521 -> "ES512";
            default -> throw new IllegalArgumentException("service-account keys need a NIST curve");
          };
      default ->
          throw new IllegalArgumentException(
              "service-account keys are RSA or EC keys, not " + key.getAlgorithm());
    };
  }

  private static String id(PublicKey key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK lacks SHA-256", e);
    }
  }
}
