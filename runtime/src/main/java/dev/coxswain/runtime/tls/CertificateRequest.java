package dev.coxswain.runtime.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/** A new key on P-256 and a PKCS#10 request (RFC 2986) for its certificate. */
public final class CertificateRequest {
  // INTEGER 0, the only version there is.
  private static final byte[] VERSION = HexFormat.of().parseHex("020100");
  // SEQUENCE of the OID ecdsa-with-SHA256 (1.2.840.10045.4.3.2).
  private static final byte[] SIGNATURE_ALGORITHM =
      HexFormat.of().parseHex("300a06082a8648ce3d040302");
  // The OIDs extensionRequest (1.2.840.113549.1.9.14) and subjectAltName (2.5.29.17).
  private static final byte[] EXTENSION_REQUEST = HexFormat.of().parseHex("06092a864886f70d01090e");
  private static final byte[] ALTERNATIVE_NAMES = HexFormat.of().parseHex("0603551d11");
  private static final int BIT_STRING = 0x03;
  private static final int SET = 0x31;
  private static final int ATTRIBUTES = 0xA0;
  private static final int DNS_NAME = 0x82;
  private static final int ADDRESS = 0x87;

  private final KeyPair keys;
  private final byte[] encoded;

  private CertificateRequest(KeyPair keys, byte[] encoded) {
    this.keys = keys;
    this.encoded = encoded;
  }

  /**
   * Makes a key and asks for its certificate.
   *
   * @param subject such as {@code CN=system:node:one, O=system:nodes}
   * @param names by which it is to serve, DNS names; none for a client
   * @param addresses by which it is to serve, as texts; none for a client
   * @throws IllegalArgumentException where an address is none
   */
  public static CertificateRequest of(String subject, List<String> names, List<String> addresses) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      byte[] info =
          Der.wrap(
              Der.SEQUENCE,
              VERSION,
              new X500Principal(subject).getEncoded(),
              keys.getPublic().getEncoded(),
              Der.wrap(ATTRIBUTES, attributes(names, addresses)));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(info);
      // A bit string begins with the number of its unused bits.
      byte[] bits = Der.wrap(BIT_STRING, new byte[1], signature.sign());
      return new CertificateRequest(keys, Der.wrap(Der.SEQUENCE, info, SIGNATURE_ALGORITHM, bits));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("the JDK cannot sign on P-256", missing);
    }
  }

  private static byte[] attributes(List<String> names, List<String> addresses) {
    List<byte[]> all = new ArrayList<>();
    names.forEach(name -> all.add(Der.wrap(DNS_NAME, name.getBytes(US_ASCII))));
    for (String address : addresses) {
      try {
        all.add(Der.wrap(ADDRESS, InetAddress.ofLiteral(address).getAddress()));
      } catch (IllegalArgumentException malformed) {
        throw new IllegalArgumentException(address + " is not an IP address", malformed);
      }
    }
    if (all.isEmpty()) {
      return new byte[0];
    }
    byte[] alternatives = Der.wrap(Der.SEQUENCE, all.toArray(byte[][]::new));
    byte[] extension =
        Der.wrap(Der.SEQUENCE, ALTERNATIVE_NAMES, Der.wrap(Der.OCTET_STRING, alternatives));
    return Der.wrap(
        Der.SEQUENCE, EXTENSION_REQUEST, Der.wrap(SET, Der.wrap(Der.SEQUENCE, extension)));
  }

  /** The key that the certificate is to be of. */
  public PublicKey key() {
    return keys.getPublic();
  }

  /** The request. */
  public String pem() {
    return pem("CERTIFICATE REQUEST", encoded);
  }

  /** The private key, PKCS#8: a secret. */
  public String keyPem() {
    return pem("PRIVATE KEY", keys.getPrivate().getEncoded());
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
