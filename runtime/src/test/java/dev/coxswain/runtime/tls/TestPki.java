package dev.coxswain.runtime.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A certificate authority for tests, with keys on P-256. */
public final class TestPki {
  private static final Date FROM = Date.from(Instant.parse("2020-01-01T00:00:00Z"));
  private static final Date TO = Date.from(Instant.parse("2100-01-01T00:00:00Z"));

  private final KeyPair keys = ecKeys();
  private final X509Certificate authority;
  private long serial = 1;

  public TestPki(String name) {
    authority = sign("CN=" + name, keys, true);
  }

  /** A certificate with its keys. */
  public record Issued(X509Certificate certificate, KeyPair keys) {
    public String certificatePem() {
      return pem(certificate);
    }

    /** PKCS#8. */
    public String keyPem() {
      try {
        return pem(new JcaPKCS8Generator(keys.getPrivate(), null));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** SEC 1 or PKCS#1, after the key's kind. */
    public String traditionalKeyPem() {
      if (keys.getPrivate() instanceof java.security.interfaces.ECPrivateKey ec) {
        var sec1 = new ECPrivateKey(256, ec.getS(), SECObjectIdentifiers.secp256r1);
        try {
          return pem(new PemObject("EC PRIVATE KEY", sec1.getEncoded()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return pem(keys.getPrivate());
    }

    public TlsIdentity identity() {
      return new TlsIdentity(
          new PemSource.Inline(certificatePem()), new PemSource.Inline(keyPem()));
    }
  }

  public String authorityPem() {
    return pem(authority);
  }

  public TlsTrust trust() {
    return new TlsTrust(new PemSource.Inline(authorityPem()));
  }

  /** Issues for a subject such as {@code CN=a,O=b} and names that are addresses or host names. */
  public Issued issue(String subject, String... names) {
    return issue(ecKeys(), subject, names);
  }

  public Issued issue(KeyPair subjectKeys, String subject, String... names) {
    return new Issued(sign(subject, subjectKeys, false, names), subjectKeys);
  }

  /** Writes text and returns the path. */
  public static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static KeyPair ecKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public static KeyPair rsaKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate sign(
      String subject, KeyPair subjectKeys, boolean authorityItself, String... names) {
    try {
      X500Name issuer =
          authorityItself
              ? new X500Name(subject)
              : new X500Name(authority.getSubjectX500Principal().getName());
      var builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              BigInteger.valueOf(serial++),
              FROM,
              TO,
              new X500Name(subject),
              subjectKeys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authorityItself));
      if (names.length > 0) {
        var alternatives = new GeneralName[names.length];
        for (int i = 0; i < names.length; i++) {
          boolean address = names[i].matches("[0-9.]+|.*:.*");
          alternatives[i] =
              new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, names[i]);
        }
        builder.addExtension(
            Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String pem(Object object) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
