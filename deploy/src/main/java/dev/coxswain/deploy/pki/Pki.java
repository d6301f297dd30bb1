package dev.coxswain.deploy.pki;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.runtime.time.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/**
 * The cluster's keys and certificates in one directory. What is there and still good is kept; what
 * is missing, about to expire, or says something else than it should is made anew.
 */
public final class Pki {
  /** A certificate with less than this left is renewed by the next {@code cox up}. */
  private static final Duration RENEW_BEFORE_EXPIRY = Duration.ofDays(30);

  private static final int SUBJECT_DNS_NAME = 2;
  private static final int SUBJECT_IP_ADDRESS = 7;

  private final Path directory;
  private final Time time;
  private final Map<Authority.Name, Authority> authorities = new EnumMap<>(Authority.Name.class);

  public Pki(Path directory, Time time) {
    this.directory = directory;
    this.time = time;
  }

  /** Makes the authorities, the service-account key and the store's key unless they are there. */
  public void ensureAuthorities() {
    for (Authority.Name name : Authority.Name.values()) {
      if (!Files.exists(certificate(name.file())) || !Files.exists(key(name.file()))) {
        write(name.file(), Authority.create(name, time.now()));
      }
      authorities.put(
          name,
          Authority.read(
              PemFiles.decode(certificate(name.file())), PemFiles.decode(key(name.file()))));
    }
    if (!Files.exists(serviceAccountPrivateKey()) || !Files.exists(serviceAccountPublicKey())) {
      KeyPair pair = Authority.serviceAccountKey();
      PemFiles.writeSecret(
          serviceAccountPrivateKey(),
          PemFiles.encode("PRIVATE KEY", pair.getPrivate().getEncoded()));
      PemFiles.writePublic(
          serviceAccountPublicKey(), PemFiles.encode("PUBLIC KEY", pair.getPublic().getEncoded()));
    }
    if (!Files.exists(encryption())) {
      PemFiles.writeSecret(encryption(), EncryptionKey.configuration());
    }
  }

  /** Makes or renews each identity's certificate; says how many were made. */
  public int ensure(List<Identity> identities) {
    int made = 0;
    for (Identity identity : identities) {
      if (!good(identity)) {
        write(identity.file(), authority(identity.authority()).sign(identity, time.now()));
        made++;
      }
    }
    return made;
  }

  public Path certificate(String file) {
    return directory.resolve(file + ".crt");
  }

  public Path key(String file) {
    return directory.resolve(file + ".key");
  }

  public Path certificate(Authority.Name authority) {
    return certificate(authority.file());
  }

  public Path serviceAccountPrivateKey() {
    return directory.resolve("sa.key");
  }

  public Path serviceAccountPublicKey() {
    return directory.resolve("sa.pub");
  }

  /** How API servers keep Secrets in the store, with the key. */
  public Path encryption() {
    return directory.resolve("encryption.yaml");
  }

  private Authority authority(Authority.Name name) {
    Authority authority = authorities.get(name);
    if (authority == null) {
      throw new IllegalStateException("authorities are made first");
    }
    return authority;
  }

  private void write(String file, Authority.Issued issued) {
    PemFiles.writeSecret(key(file), issued.key());
    PemFiles.writePublic(certificate(file), issued.certificate());
  }

  private boolean good(Identity identity) {
    if (!Files.exists(certificate(identity.file())) || !Files.exists(key(identity.file()))) {
      return false;
    }
    try {
      X509Certificate found = Authority.parse(PemFiles.decode(certificate(identity.file())));
      Instant until = found.getNotAfter().toInstant();
      return until.isAfter(time.now().plus(RENEW_BEFORE_EXPIRY))
          && authority(identity.authority()).signed(found)
          && sameSubject(identity, found.getSubjectX500Principal())
          && alternativeNames(found, SUBJECT_DNS_NAME).equals(Set.copyOf(identity.dnsNames()))
          && alternativeNames(found, SUBJECT_IP_ADDRESS).equals(Set.copyOf(identity.addresses()));
    } catch (GeneralSecurityException | CoxException damaged) {
      return false;
    }
  }

  private static boolean sameSubject(Identity identity, X500Principal principal) {
    X500Name subject = X500Name.getInstance(principal.getEncoded());
    return values(subject, BCStyle.CN).equals(Set.of(identity.commonName()))
        && values(subject, BCStyle.O).equals(Set.copyOf(identity.organizations()));
  }

  private static Set<String> values(
      X500Name subject, org.bouncycastle.asn1.ASN1ObjectIdentifier attribute) {
    return java.util.Arrays.stream(subject.getRDNs(attribute))
        .map(part -> IETFUtils.valueToString(part.getFirst().getValue()))
        .collect(Collectors.toSet());
  }

  private static Set<String> alternativeNames(X509Certificate certificate, int kind)
      throws GeneralSecurityException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    var found = new HashSet<String>();
    if (names != null) {
      for (List<?> name : names) {
        if (name.get(0) instanceof Integer number && number == kind) {
          found.add(name.get(1).toString());
        }
      }
    }
    return found;
  }
}
