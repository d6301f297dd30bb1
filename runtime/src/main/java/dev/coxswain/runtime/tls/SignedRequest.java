package dev.coxswain.runtime.tls;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * A PKCS#10 certification request (RFC 2986) whose signature was found to be its own key's.
 *
 * @param subject whom it is to be certified for
 * @param key the key that is to be certified
 */
public record SignedRequest(X500Principal subject, PublicKey key) {
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");

  /** Where these stand in what is signed: after the version. */
  private static final int SUBJECT = 1;

  private static final int KEY = 2;

  /**
   * Reads a request in DER.
   *
   * @throws IllegalArgumentException where it is damaged or somebody else signed it
   */
  public static SignedRequest parse(byte[] encoded) {
    List<Der.Element> outer = Der.elements(encoded);
    List<Der.Element> parts =
        outer.size() == 1 ? Der.elements(outer.getFirst().content()) : List.of();
    if (parts.size() != 3) {
      throw new IllegalArgumentException("not a PKCS#10 request");
    }
    List<Der.Element> info = Der.elements(parts.getFirst().content());
    List<Der.Element> algorithm = Der.elements(parts.get(1).content());
    byte[] bits = parts.get(2).content();
    if (info.size() <= KEY || algorithm.isEmpty() || bits.length < 2) {
      throw new IllegalArgumentException("not a PKCS#10 request");
    }
    PublicKey key = key(info.get(KEY).encoded());
    try {
      Signature signature =
          Signature.getInstance(Der.objectIdentifier(algorithm.getFirst().content()));
      signature.initVerify(key);
      signature.update(parts.getFirst().encoded());
      // The first octet of a bit string counts its unused bits, of which a signature has none.
      if (signature.verify(Arrays.copyOfRange(bits, 1, bits.length))) {
        return new SignedRequest(new X500Principal(info.get(SUBJECT).encoded()), key);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("cannot verify the signature: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException("the signature is not the key's");
  }

  private static PublicKey key(byte[] encoded) {
    return KEY_ALGORITHMS.stream()
        .flatMap(algorithm -> key(algorithm, encoded).stream())
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("a key of no algorithm that is known here"));
  }

  private static Optional<PublicKey> key(String algorithm, byte[] encoded) {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException another) {
      return Optional.empty();
    }
  }
}
