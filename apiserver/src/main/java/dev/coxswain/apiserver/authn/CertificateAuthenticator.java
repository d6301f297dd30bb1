package dev.coxswain.apiserver.authn;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Time;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Client certificates: the subject's common name is the user, its organizations are the groups. The
 * chain has been verified by the TLS handshake; a connection may outlive its certificates, so that
 * each request looks whether they have expired.
 */
public final class CertificateAuthenticator implements Authenticator {
  /** By which certificate somebody came: who reads the audit log can tell them apart. */
  private static final String CREDENTIAL = "authentication.kubernetes.io/credential-id";

  private final Time time;

  /** Asks this clock what has expired. */
  public CertificateAuthenticator(Time time) {
    this.time = time;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    if (credentials.clientCertificates().isEmpty()) {
      return Optional.empty();
    }
    Instant now = time.now();
    for (X509Certificate certificate : credentials.clientCertificates()) {
      if (now.isAfter(certificate.getNotAfter().toInstant())) {
        throw new ApiException(
            StatusReason.UNAUTHORIZED,
            "the certificate of "
                + certificate.getSubjectX500Principal()
                + " has expired on "
                + certificate.getNotAfter().toInstant());
      }
    }
    X509Certificate own = credentials.clientCertificates().getFirst();
    return subject(own.getSubjectX500Principal().getName())
        .map(user ->
            new UserInfo(
                user.name(),
                user.uid(),
                user.groups(),
                Map.of(CREDENTIAL, List.of("X509SHA256=" + fingerprint(own)))));
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was shown cannot be hashed", e);
    }
  }

  /** Reads a distinguished name in RFC 2253 form; empty when it has no common name. */
  public static Optional<UserInfo> subject(String distinguishedName) {
    String user = "";
    List<String> groups = new ArrayList<>();
    try {
      for (Rdn part : new LdapName(distinguishedName).getRdns()) {
        // A relative name may hold several attributes joined with "+".
        var attributes = part.toAttributes().getAll();
        while (attributes.hasMore()) {
          var attribute = attributes.next();
          String value = String.valueOf(attribute.get());
          switch (attribute.getID()) {
            case "CN" -> user = value;
            case "O" -> groups.add(value);
            default -> {}
          }
        }
      }
    } catch (NamingException e) {
      return Optional.empty();
    }
    return user.isEmpty() ? Optional.empty() : Optional.of(UserInfo.of(user, groups));
  }
}
