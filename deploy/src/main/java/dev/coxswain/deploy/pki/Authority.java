package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that signs identities; keys are on the P-256 curve. */
public final class Authority {

  /** The cluster's authorities, apart so that a certificate of one opens nothing of another. */
  public enum Name {
    /** Users, nodes and the API server. */
    CLUSTER("ca", "kubernetes-ca"),
    /** The store's members and its one client, the API server. */
    STORE("etcd/ca", "etcd-ca"),
    /** The API server towards aggregated API servers. */
    FRONT_PROXY("front-proxy-ca", "kubernetes-front-proxy-ca");

    private final String file;
    private final String commonName;

    Name(String file, String commonName) {
      this.file = file;
      this.commonName = commonName;
    }

    public String file() {
      return file;
    }

    String commonName() {
      return commonName;
    }
  }

  private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
  private static final Duration IDENTITY_LIFE = Duration.ofDays(365);

  /** Clocks of machines differ a little: a certificate is valid from a while ago. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(10);

  private static final int SERIAL_BITS = 120;
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate certificate;
  private final PrivateKey key;

  private Authority(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /** A certificate and its private key, both in PEM. */
  record Issued(String certificate, String key) {}

  static Authority read(byte[] certificate, byte[] key) {
    try {
      return new Authority(
          parse(certificate),
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key)));
    } catch (GeneralSecurityException damaged) {
      throw new CoxException(
          "a certificate authority is damaged: " + damaged.getMessage(), damaged);
    }
  }

  static Issued create(Name name, Instant now) {
    KeyPair pair = keyPair();
    X500Name subject =
        new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name.commonName()).build();
    try {
      var builder = builder(subject, subject, pair.getPublic(), now, AUTHORITY_LIFE);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      return issue(builder, pair.getPrivate(), pair);
    } catch (GeneralSecurityException | IOException | OperatorCreationException failed) {
      throw new CoxException("cannot make a certificate authority: " + failed.getMessage(), failed);
    }
  }

  Issued sign(Identity identity, Instant now) {
    KeyPair pair = identity.rsa() ? rsaKeyPair() : keyPair();
    var subject = new X500NameBuilder(BCStyle.INSTANCE);
    identity.organizations().forEach(organization -> subject.addRDN(BCStyle.O, organization));
    subject.addRDN(BCStyle.CN, identity.commonName());
    try {
      X500Name issuer = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
      var builder = builder(issuer, subject.build(), pair.getPublic(), now, IDENTITY_LIFE);
      var utilities = new JcaX509ExtensionUtils();
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          utilities.createAuthorityKeyIdentifier(certificate.getPublicKey()));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes(identity)));
      if (identity.server()) {
        builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(identity));
      }
      return issue(builder, key, pair);
    } catch (GeneralSecurityException | IOException | OperatorCreationException failed) {
      throw new CoxException("cannot sign " + identity.file() + ": " + failed.getMessage(), failed);
    }
  }

  boolean signed(X509Certificate other) {
    try {
      other.verify(certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException foreign) {
      return false;
    }
  }

  static X509Certificate parse(byte[] der) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  /** The key that signs service-account tokens: RSA, because verifying is what happens often. */
  static KeyPair serviceAccountKey() {
    return rsaKeyPair();
  }

  private static KeyPair rsaKeyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048, RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new CoxException("this JDK makes no RSA keys: " + missing.getMessage(), missing);
    }
  }

  private static KeyPurposeId[] purposes(Identity identity) {
    var purposes = new ArrayList<KeyPurposeId>();
    if (identity.server()) {
      purposes.add(KeyPurposeId.id_kp_serverAuth);
    }
    if (identity.client()) {
      purposes.add(KeyPurposeId.id_kp_clientAuth);
    }
    return purposes.toArray(KeyPurposeId[]::new);
  }

  private static GeneralNames alternativeNames(Identity identity) {
    var names = new ArrayList<GeneralName>();
    identity.dnsNames().forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    identity
        .addresses()
        .forEach(address -> names.add(new GeneralName(GeneralName.iPAddress, address)));
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new CoxException("this JDK makes no EC keys: " + missing.getMessage(), missing);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration life) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS),
        Date.from(now.minus(CLOCK_SKEW)),
        Date.from(now.plus(life)),
        subject,
        key);
  }

  private static Issued issue(X509v3CertificateBuilder builder, PrivateKey signer, KeyPair pair)
      throws OperatorCreationException, IOException {
    var certificate = builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer));
    return new Issued(
        PemFiles.encode("CERTIFICATE", certificate.getEncoded()),
        PemFiles.encode("PRIVATE KEY", pair.getPrivate().getEncoded()));
  }
}
