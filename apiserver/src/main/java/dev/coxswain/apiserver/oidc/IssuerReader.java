package dev.coxswain.apiserver.oidc;

import static dev.coxswain.apiserver.oidc.AuthenticationFile.all;
import static dev.coxswain.apiserver.oidc.AuthenticationFile.text;
import static dev.coxswain.apiserver.oidc.AuthenticationFile.unique;

import dev.coxswain.apiserver.oidc.AuthenticationFile.IssuerEntry;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.runtime.tls.PemSource;
import dev.coxswain.runtime.tls.TlsTrust;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads one issuer of an {@code AuthenticationConfiguration}; the words are upstream's. */
final class IssuerReader {
  private final String path;
  private final Set<String> own;
  private final List<FieldError> errors;

  /**
   * Reads the issuer at a path.
   *
   * @param own issuers that may not be named
   */
  IssuerReader(String path, Set<String> own, List<FieldError> errors) {
    this.path = path;
    this.own = own;
    this.errors = errors;
  }

  /** What can be told of the issuer, with what is wrong added to the errors. */
  TrustedIssuer read(AuthenticationFile.JwtEntry entry) {
    IssuerEntry issuer =
        entry.issuer() == null
            ? new IssuerEntry(null, null, null, null, null, null)
            : entry.issuer();
    KeySource keys = keys(issuer);
    MappingReader mapping = new MappingReader(path, errors);
    TrustedIssuer read =
        new TrustedIssuer(
            keys,
            audiences(issuer),
            mapping.requiredClaims(all(entry.claimValidationRules())),
            mapping.claimRules(all(entry.claimValidationRules())),
            mapping.user(entry.claimMappings()),
            mapping.userRules(all(entry.userValidationRules())));
    if (issuer.egressSelectorType() != null && !issuer.egressSelectorType().isEmpty()) {
      errors.add(
          FieldError.invalid(
              path + ".issuer.egressSelectorType",
              issuer.egressSelectorType(),
              "egress selector is not supported by this server"));
    }
    return read;
  }

  private KeySource keys(IssuerEntry issuer) {
    String url = text(issuer.url());
    String discovery = text(issuer.discoveryURL());
    if (url.isEmpty()) {
      errors.add(FieldError.required(path + ".issuer.url", ""));
    } else {
      if (own.contains(url)) {
        errors.add(
            FieldError.invalid(
                path + ".issuer.url",
                url,
                "URL must not overlap with disallowed issuers: " + new TreeSet<>(own)));
      }
      checkUrl(url, path + ".issuer.url");
    }
    if (!discovery.isEmpty()) {
      if (!url.isEmpty() && withoutSlashes(url).equals(withoutSlashes(discovery))) {
        errors.add(
            FieldError.invalid(
                path + ".issuer.discoveryURL",
                discovery,
                "discoveryURL must be different from URL"));
      }
      checkUrl(discovery, path + ".issuer.discoveryURL");
    }
    PemSource authorities = authorities(text(issuer.certificateAuthority()));
    return discovery.isEmpty()
        ? KeySource.of(url, authorities)
        : new KeySource(url, discovery, authorities);
  }

  private static String withoutSlashes(String url) {
    int end = url.length();
    while (end > 0 && url.charAt(end - 1) == '/') {
      end--;
    }
    return url.substring(0, end);
  }

  private void checkUrl(String url, String field) {
    URI parsed;
    try {
      parsed = new URI(url);
    } catch (URISyntaxException e) {
      errors.add(FieldError.invalid(field, url, String.valueOf(e.getMessage())));
      return;
    }
    if (!"https".equals(parsed.getScheme())) {
      errors.add(FieldError.invalid(field, url, "URL scheme must be https"));
    } else if (parsed.getHost() == null) {
      errors.add(FieldError.invalid(field, url, "URL must have a host"));
    }
    if (parsed.getRawUserInfo() != null) {
      errors.add(FieldError.invalid(field, url, "URL must not contain a username or password"));
    }
    if (parsed.getRawQuery() != null) {
      errors.add(FieldError.invalid(field, url, "URL must not contain a query"));
    }
    if (parsed.getRawFragment() != null) {
      errors.add(FieldError.invalid(field, url, "URL must not contain a fragment"));
    }
  }

  private @Nullable PemSource authorities(String pem) {
    if (pem.isEmpty()) {
      return null;
    }
    PemSource source = new PemSource.Inline(pem);
    try {
      var _ = new TlsTrust(source);
    } catch (IllegalArgumentException e) {
      errors.add(
          FieldError.invalid(
              path + ".issuer.certificateAuthority", "<omitted>", String.valueOf(e.getMessage())));
    }
    return source;
  }

  private Set<String> audiences(IssuerEntry issuer) {
    String field = path + ".issuer.audiences";
    List<String> audiences = all(issuer.audiences());
    if (audiences.isEmpty()) {
      errors.add(FieldError.required(field, "at least one " + field + " is required"));
      return Set.of();
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < audiences.size(); i++) {
      if (audiences.get(i).isEmpty()) {
        errors.add(FieldError.required(field + "[" + i + "]", ""));
      }
      unique(audiences.get(i), seen, field + "[" + i + "]", errors);
    }
    String policy = text(issuer.audienceMatchPolicy());
    boolean matchAny = policy.equals("MatchAny");
    if (audiences.size() > 1 && !matchAny) {
      errors.add(
          FieldError.invalid(
              path + ".issuer.audienceMatchPolicy",
              policy,
              "audienceMatchPolicy must be MatchAny for multiple audiences"));
    }
    if (audiences.size() == 1 && !policy.isEmpty() && !matchAny) {
      errors.add(
          FieldError.invalid(
              path + ".issuer.audienceMatchPolicy",
              policy,
              "audienceMatchPolicy must be empty or MatchAny for single audience"));
    }
    return new LinkedHashSet<>(audiences);
  }
}
