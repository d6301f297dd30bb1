package dev.coxswain.apiserver.oidc;

import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.runtime.program.ConfigFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An {@code AuthenticationConfiguration} of {@code apiserver.config.k8s.io}: the shape of the file
 * and what of it is not about a single issuer.
 */
final class AuthenticationFile {
  private static final Set<String> VERSIONS =
      Set.of("apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1");

  /** The most issuers that there may be. */
  private static final int MOST_ISSUERS = 64;

  private AuthenticationFile() {}

  private record Document(
      @Nullable String apiVersion,
      @Nullable String kind,
      @Nullable List<JwtEntry> jwt,
      @Nullable AnonymousEntry anonymous) {}

  record JwtEntry(
      @Nullable IssuerEntry issuer,
      @Nullable List<ClaimRuleEntry> claimValidationRules,
      @Nullable MappingsEntry claimMappings,
      @Nullable List<UserRuleEntry> userValidationRules) {}

  record IssuerEntry(
      @Nullable String url,
      @Nullable String discoveryURL,
      @Nullable String certificateAuthority,
      @Nullable List<String> audiences,
      @Nullable String audienceMatchPolicy,
      @Nullable String egressSelectorType) {}

  record ClaimRuleEntry(
      @Nullable String claim,
      @Nullable String requiredValue,
      @Nullable String expression,
      @Nullable String message) {}

  record MappingsEntry(
      @Nullable MappingEntry username,
      @Nullable MappingEntry groups,
      @Nullable MappingEntry uid,
      @Nullable List<ExtraEntry> extra) {}

  record MappingEntry(
      @Nullable String claim, @Nullable String prefix, @Nullable String expression) {}

  record ExtraEntry(@Nullable String key, @Nullable String valueExpression) {}

  record UserRuleEntry(@Nullable String expression, @Nullable String message) {}

  private record AnonymousEntry(
      @Nullable Boolean enabled, @Nullable List<ConditionEntry> conditions) {}

  private record ConditionEntry(@Nullable String path) {}

  /**
   * What the file says.
   *
   * @param anonymous empty where it says nothing about requests without credentials
   */
  record Content(List<TrustedIssuer> issuers, Optional<AnonymousAccess> anonymous) {}

  /**
   * Reads the file.
   *
   * @param own issuers whose tokens are the server's own, and nobody else's
   * @throws IllegalArgumentException naming the file, the fields and what is wrong with them
   */
  static Content read(Path file, Set<String> own) {
    Document document = ConfigFile.read(file, Document.class);
    List<FieldError> errors = new ArrayList<>();
    String version = text(document.apiVersion());
    if (!VERSIONS.contains(version)) {
      errors.add(FieldError.notSupported("apiVersion", version, VERSIONS));
    }
    if (!"AuthenticationConfiguration".equals(document.kind())) {
      errors.add(
          FieldError.notSupported(
              "kind", text(document.kind()), Set.of("AuthenticationConfiguration")));
    }
    Optional<AnonymousAccess> anonymous =
        Optional.ofNullable(document.anonymous()).map(entry -> anonymous(entry, errors));
    List<TrustedIssuer> issuers = issuers(all(document.jwt()), own, errors);
    if (!errors.isEmpty()) {
      throw new IllegalArgumentException(
          "authentication config "
              + file
              + ": "
              + errors.stream().map(FieldError::message).collect(Collectors.joining("; ")));
    }
    return new Content(issuers, anonymous);
  }

  private static List<TrustedIssuer> issuers(
      List<JwtEntry> entries, Set<String> own, List<FieldError> errors) {
    if (entries.size() > MOST_ISSUERS) {
      errors.add(FieldError.tooMany("jwt", entries.size(), MOST_ISSUERS));
      return List.of();
    }
    List<TrustedIssuer> issuers = new ArrayList<>();
    Set<String> urls = new HashSet<>();
    Set<String> discovered = new HashSet<>();
    for (JwtEntry entry : entries) {
      String path = "jwt[" + issuers.size() + "]";
      issuers.add(new IssuerReader(path, own, errors).read(entry));
      if (entry.issuer() != null) {
        unique(text(entry.issuer().url()), urls, path + ".issuer.url", errors);
        unique(
            text(entry.issuer().discoveryURL()), discovered, path + ".issuer.discoveryURL", errors);
      }
    }
    return issuers;
  }

  private static AnonymousAccess anonymous(AnonymousEntry entry, List<FieldError> errors) {
    List<ConditionEntry> conditions = all(entry.conditions());
    boolean enabled = Boolean.TRUE.equals(entry.enabled());
    if (!enabled && !conditions.isEmpty()) {
      errors.add(
          FieldError.invalid(
              "anonymous.conditions",
              conditions.stream().map(condition -> text(condition.path())).toList(),
              "enabled should be set to true when conditions are defined"));
    }
    return new AnonymousAccess(
        enabled,
        conditions.stream()
            .map(condition -> text(condition.path()))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Adds an error where a text that is given was there before. Returns whether it was not. */
  static boolean unique(String value, Set<String> seen, String path, List<FieldError> errors) {
    if (value.isEmpty() || seen.add(value)) {
      return true;
    }
    errors.add(FieldError.duplicate(path, value));
    return false;
  }

  /** A text; empty where it was not given. */
  static String text(@Nullable String given) {
    return given == null ? "" : given;
  }

  /** A list; empty where it was not given. */
  static <T> List<T> all(@Nullable List<T> given) {
    return given == null ? List.of() : List.copyOf(given);
  }
}
