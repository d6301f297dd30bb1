package dev.coxswain.runtime.access;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Who calls: a verified certificate's common name and organizations, or a token's user. */
public record Caller(String name, String uid, List<String> groups) {
  /** Who showed neither certificate nor token. */
  public static final Caller ANONYMOUS =
      new Caller("system:anonymous", "", List.of("system:unauthenticated"));

  /** Who calls, with the groups. */
  public Caller {
    groups = List.copyOf(groups);
  }

  /** Whom a verified certificate names. */
  public static Caller of(X509Certificate certificate) {
    String name = "";
    List<String> groups = new ArrayList<>();
    try {
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          name = part.getValue().toString();
        } else if (part.getType().equalsIgnoreCase("O")) {
          groups.add(part.getValue().toString());
        }
      }
    } catch (InvalidNameException malformed) {
      return new Caller("", "", List.of());
    }
    groups.add("system:authenticated");
    return new Caller(name, "", groups);
  }

  /** Whether every authorizer lets it do everything, so that there is nothing to ask. */
  public boolean mayDoAnything() {
    return groups.contains("system:masters");
  }
}
