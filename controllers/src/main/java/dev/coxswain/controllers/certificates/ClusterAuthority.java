package dev.coxswain.controllers.certificates;

import dev.coxswain.runtime.tls.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The authority that signs requests: its certificate, its key, and how long it signs for. */
public final class ClusterAuthority {
  /** Clocks of machines differ a little: a certificate is valid from a while ago. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

  private static final int SERIAL_BITS = 120;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate certificate;
  private final PrivateKey key;
  private final Duration longest;

  private ClusterAuthority(X509Certificate certificate, PrivateKey key, Duration longest) {
    this.certificate = certificate;
    this.key = key;
    this.longest = longest;
  }

  /**
   * Reads the two PEM files.
   *
   * @param longest how long a certificate is valid that asks for no less
   * @throws IllegalArgumentException where they hold no certificate or key
   */
  public static ClusterAuthority read(Path certificate, Path key, Duration longest)
      throws IOException {
    return of(Files.readAllBytes(certificate), Files.readAllBytes(key), longest);
  }

  static ClusterAuthority of(byte[] certificate, byte[] key, Duration longest) {
    List<X509Certificate> certificates = Pem.certificates(certificate);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("--cluster-signing-cert-file: no certificate in it");
    }
    return new ClusterAuthority(certificates.getFirst(), Pem.privateKey(key), longest);
  }

  /**
   * Signs a request.
   *
   * @param wanted how long it is to be valid; the longest there is where that is shorter
   * @return the certificate as PEM
   */
  String sign(Requested requested, Set<String> usages, Duration wanted, Instant now) {
    Duration life = wanted.compareTo(longest) < 0 ? wanted : longest;
    Instant until = now.plus(life);
    Instant end = certificate.getNotAfter().toInstant();
    try {
      var utilities = new JcaX509ExtensionUtils();
      var builder =
          new X509v3CertificateBuilder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              new BigInteger(SERIAL_BITS, RANDOM).add(BigInteger.ONE),
              Date.from(now.minus(CLOCK_SKEW)),
              Date.from(until.isBefore(end) ? until : end),
              requested.subject(),
              requested.key());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(bits(usages)));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes(usages)));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          utilities.createAuthorityKeyIdentifier(certificate.getPublicKey()));
      if (!requested.names().isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(requested.names().toArray(new GeneralName[0])));
      }
      var signer = new JcaContentSignerBuilder(algorithm()).build(key);
      return pem(builder.build(signer).getEncoded());
    } catch (GeneralSecurityException | IOException | OperatorCreationException failed) {
      throw new IllegalStateException("cannot sign: " + failed.getMessage(), failed);
    }
  }

  private String algorithm() {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
  }

  private static int bits(Set<String> usages) {
    int bits = 0;
    if (usages.contains("digital signature")) {
      bits |= KeyUsage.digitalSignature;
    }
    if (usages.contains("key encipherment")) {
      bits |= KeyUsage.keyEncipherment;
    }
    // An empty extension would forbid everything.
    return bits == 0 ? KeyUsage.digitalSignature : bits;
  }

  private static KeyPurposeId[] purposes(Set<String> usages) {
    var purposes = new ArrayList<KeyPurposeId>();
    if (usages.contains("client auth")) {
      purposes.add(KeyPurposeId.id_kp_clientAuth);
    }
    if (usages.contains("server auth")) {
      purposes.add(KeyPurposeId.id_kp_serverAuth);
    }
    return purposes.toArray(new KeyPurposeId[0]);
  }

  private static String pem(byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
  }

  /** The PEM as an object's field holds it. */
  static String encode(String pem) {
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
  }
}
