package dev.coxswain.runtime.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads PEM text (RFC 7468): certificates, private keys as PKCS#8, PKCS#1 or SEC 1, and public
 * keys. Failures are {@link IllegalArgumentException}s that never quote a key.
 */
public final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");
  private static final byte[] ZERO = HexFormat.of().parseHex("020100");
  // AlgorithmIdentifier of rsaEncryption (1.2.840.113549.1.1.1) with its NULL parameters.
  private static final byte[] RSA_ALGORITHM =
      HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  // The OID id-ecPublicKey (1.2.840.10045.2.1).
  private static final byte[] EC_ALGORITHM = HexFormat.of().parseHex("06072a8648ce3d0201");
  private static final int EC_PARAMETERS = 0xA0;

  private Pem() {}

  private static final class Block {
    private final String label;
    private final byte[] der;

    Block(String label, byte[] der) {
      this.label = label;
      this.der = der;
    }

    String label() {
      return label;
    }

    byte[] der() {
      return der;
    }
  }

  /** All certificates, in their order; at least one. */
  public static List<X509Certificate> certificates(byte[] pem) {
    var certificates = new ArrayList<X509Certificate>();
    for (Block block : blocks(pem)) {
      if (block.label().equals("CERTIFICATE")) {
        certificates.add(certificate(block));
      }
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("holds no PEM block of the type CERTIFICATE");
    }
    return certificates;
  }

  private static X509Certificate certificate(Block block) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(block.der()));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a valid certificate: " + e.getMessage(), e);
    }
  }

  /** The first private key. */
  public static PrivateKey privateKey(byte[] pem) {
    for (Block block : blocks(pem)) {
      if (block.label().endsWith("PRIVATE KEY")) {
        return privateKey(block);
      }
    }
    throw new IllegalArgumentException("holds no PEM block of the type PRIVATE KEY");
  }

  /** All public keys: of public-key blocks, of certificates, and of private keys. */
  public static List<PublicKey> publicKeys(byte[] pem) {
    var keys = new ArrayList<PublicKey>();
    for (Block block : blocks(pem)) {
      switch (block.label()) {
        case "PUBLIC KEY" -> keys.add(publicKey(block.der()));
        case "CERTIFICATE" -> keys.add(certificate(block).getPublicKey());
        case "EC PRIVATE KEY", "RSA PRIVATE KEY", "PRIVATE KEY" -> keys.add(publicOf(block));
        default -> {
          // Such as EC PARAMETERS, which OpenSSL writes before a key.
        }
      }
    }
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("holds no PEM block with a key");
    }
    return keys;
  }

  private static PrivateKey privateKey(Block block) {
    return switch (block.label()) {
      case "PRIVATE KEY" -> pkcs8(block.der());
      case "RSA PRIVATE KEY" ->
          pkcs8(
              Der.wrap(Der.SEQUENCE, ZERO, RSA_ALGORITHM, Der.wrap(Der.OCTET_STRING, block.der())));
      case "EC PRIVATE KEY" -> pkcs8(ecToPkcs8(block.der()));
      default ->
          throw new IllegalArgumentException(
              "private keys of the type " + block.label() + " are not supported (encrypted?)");
    };
  }

  private static PrivateKey pkcs8(byte[] der) {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException ignored) {
        // A key of another algorithm.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("the JDK lacks " + algorithm, e);
      }
    }
    throw new IllegalArgumentException("not a valid RSA, EC or EdDSA private key");
  }

  private static PublicKey publicKey(byte[] der) {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
      } catch (InvalidKeySpecException ignored) {
        // A key of another algorithm.
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("the JDK lacks " + algorithm, e);
      }
    }
    throw new IllegalArgumentException("not a valid RSA, EC or EdDSA public key");
  }

  private static PublicKey publicOf(Block block) {
    PrivateKey key = privateKey(block);
    if (key instanceof RSAPrivateCrtKey rsa) {
      return rsaPublicKey(rsa.getModulus(), rsa.getPublicExponent());
    }
    if (key instanceof ECPrivateKey ec) {
      return EcCurve.publicKey(ec);
    }
    throw new IllegalArgumentException(
        "cannot tell the public key of this " + key.getAlgorithm() + " private key");
  }

  private static PublicKey rsaPublicKey(BigInteger modulus, BigInteger exponent) {
    try {
      return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a valid RSA key", e);
    }
  }

  private static byte[] ecToPkcs8(byte[] sec1) {
    byte[] algorithm = Der.wrap(Der.SEQUENCE, EC_ALGORITHM, ecParameters(sec1));
    return Der.wrap(Der.SEQUENCE, ZERO, algorithm, Der.wrap(Der.OCTET_STRING, sec1));
  }

  /** The named curve's OID, which SEC 1 makes optional and every known writer gives. */
  private static byte[] ecParameters(byte[] sec1) {
    return Der.elements(Der.elements(sec1).getFirst().content()).stream()
        .filter(element -> element.tag() == EC_PARAMETERS)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the EC private key does not name its curve"))
        .content();
  }

  private static List<Block> blocks(byte[] pem) {
    var blocks = new ArrayList<Block>();
    Matcher matcher = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      try {
        blocks.add(
            new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2).strip())));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the PEM block " + matcher.group(1) + " is not valid base64", e);
      }
    }
    return blocks;
  }
}
