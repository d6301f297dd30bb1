package dev.coxswain.apiserver.oidc;

import static dev.coxswain.apiserver.oidc.AuthenticationFile.all;
import static dev.coxswain.apiserver.oidc.AuthenticationFile.text;
import static dev.coxswain.apiserver.oidc.AuthenticationFile.unique;

import dev.coxswain.apiserver.cel.MalformedExpressionException;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.oidc.AuthenticationFile.ClaimRuleEntry;
import dev.coxswain.apiserver.oidc.AuthenticationFile.ExtraEntry;
import dev.coxswain.apiserver.oidc.AuthenticationFile.MappingEntry;
import dev.coxswain.apiserver.oidc.AuthenticationFile.MappingsEntry;
import dev.coxswain.apiserver.oidc.AuthenticationFile.UserRuleEntry;
import dev.coxswain.apiserver.oidc.TokenExpression.Scope;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads how the claims of one issuer's tokens become a user; the words are upstream's. */
final class MappingReader {
  private static final MappingEntry NOTHING = new MappingEntry(null, null, null);
  private static final String BOTH = "claim and expression can't both be set";

  private final String path;
  private final List<FieldError> errors;
  private boolean checksEmail;

  MappingReader(String path, List<FieldError> errors) {
    this.path = path;
    this.errors = errors;
  }

  /** The claims that must have a value; the rules themselves are checked by {@link #claimRules}. */
  Map<String, String> requiredClaims(List<ClaimRuleEntry> rules) {
    Map<String, String> required = new LinkedHashMap<>();
    for (ClaimRuleEntry rule : rules) {
      if (!text(rule.claim()).isEmpty()) {
        required.put(text(rule.claim()), text(rule.requiredValue()));
      }
    }
    return required;
  }

  /** What must hold for claims. */
  List<ValidationRule> claimRules(List<ClaimRuleEntry> rules) {
    List<ValidationRule> compiled = new ArrayList<>();
    Set<String> claims = new HashSet<>();
    Set<String> expressions = new HashSet<>();
    int number = 0;
    for (ClaimRuleEntry rule : rules) {
      String at = path + ".claimValidationRules[" + number++ + "]";
      String claim = text(rule.claim());
      String expression = text(rule.expression());
      if (!claim.isEmpty() && !expression.isEmpty()) {
        errors.add(FieldError.invalid(at, claim, BOTH));
      } else if (!claim.isEmpty()) {
        absent(rule.message(), at + ".message", "may not be specified when claim is set");
        unique(claim, claims, at + ".claim", errors);
      } else if (!expression.isEmpty()) {
        absent(
            rule.requiredValue(),
            at + ".requiredValue",
            "may not be specified when expression is set");
        if (unique(expression, expressions, at + ".expression", errors)) {
          decision(expression, Scope.CLAIMS, at + ".expression")
              .ifPresent(rules(compiled, text(rule.message())));
        }
      } else {
        errors.add(FieldError.required(at, "claim or expression is required"));
      }
    }
    return compiled;
  }

  /** What must hold for users. */
  List<ValidationRule> userRules(List<UserRuleEntry> rules) {
    List<ValidationRule> compiled = new ArrayList<>();
    Set<String> expressions = new HashSet<>();
    int number = 0;
    for (UserRuleEntry rule : rules) {
      String at = path + ".userValidationRules[" + number++ + "].expression";
      String expression = text(rule.expression());
      if (expression.isEmpty()) {
        errors.add(FieldError.required(at, ""));
      } else if (unique(expression, expressions, at, errors)) {
        decision(expression, Scope.USER, at).ifPresent(rules(compiled, text(rule.message())));
      }
    }
    return compiled;
  }

  private static Consumer<TokenExpression> rules(List<ValidationRule> compiled, String message) {
    return expression -> compiled.add(new ValidationRule(expression, message));
  }

  /** How claims become a user. To be read after the rules for claims. */
  UserMapping user(@Nullable MappingsEntry given) {
    MappingsEntry entry = given == null ? new MappingsEntry(null, null, null, null) : given;
    String at = path + ".claimMappings";
    MappingEntry username = entry.username() == null ? NOTHING : entry.username();
    Optional<ClaimMapping> name = prefixed(username, at + ".username");
    if (text(username.claim()).isEmpty() && text(username.expression()).isEmpty()) {
      errors.add(FieldError.required(at + ".username", "claim or expression is required"));
    }
    Optional<ClaimMapping> groups =
        entry.groups() == null ? Optional.empty() : prefixed(entry.groups(), at + ".groups");
    Optional<ClaimMapping> uid =
        entry.uid() == null ? Optional.empty() : plain(entry.uid(), at + ".uid");
    Map<String, TokenExpression> extra = extra(all(entry.extra()), at + ".extra");
    Stream.concat(computed(name), extra.values().stream()).forEach(this::noteEmail);
    if (!checksEmail && computed(name).anyMatch(made -> made.looksAt("email"))) {
      errors.add(
          FieldError.invalid(
              at + ".username.expression",
              text(username.expression()),
              "claims.email_verified must be used in claimMappings.username.expression or"
                  + " claimMappings.extra[*].valueExpression or"
                  + " claimValidationRules[*].expression when claims.email is used in"
                  + " claimMappings.username.expression"));
    }
    return new UserMapping(
        name.orElse(new ClaimMapping.Claim(text(username.claim()), "")), groups, uid, extra);
  }

  private static Stream<TokenExpression> computed(Optional<ClaimMapping> mapping) {
    return mapping.stream()
        .flatMap(one ->
            one instanceof ClaimMapping.Computed computed
                ? Stream.of(computed.expression())
                : Stream.empty());
  }

  private void noteEmail(TokenExpression expression) {
    checksEmail |= expression.looksAt("email_verified");
  }

  private Optional<ClaimMapping> prefixed(MappingEntry entry, String at) {
    boolean byClaim = !text(entry.claim()).isEmpty();
    boolean byExpression = !text(entry.expression()).isEmpty();
    if (byExpression && !byClaim && entry.prefix() != null) {
      errors.add(
          FieldError.invalid(
              at + ".prefix", entry.prefix(), "may not be specified when expression is set"));
    }
    if (byClaim && !byExpression && entry.prefix() == null) {
      errors.add(
          FieldError.required(
              at + ".prefix",
              "prefix is required when claim is set. It can be set to an empty string to disable"
                  + " prefixing"));
    }
    return plain(entry, at);
  }

  private Optional<ClaimMapping> plain(MappingEntry entry, String at) {
    String claim = text(entry.claim());
    String expression = text(entry.expression());
    if (!claim.isEmpty() && !expression.isEmpty()) {
      errors.add(FieldError.invalid(at, "", BOTH));
      return Optional.empty();
    }
    if (!claim.isEmpty()) {
      return Optional.of(new ClaimMapping.Claim(claim, text(entry.prefix())));
    }
    return expression.isEmpty()
        ? Optional.empty()
        : compile(expression, Scope.CLAIMS, at + ".expression").map(ClaimMapping.Computed::new);
  }

  private Map<String, TokenExpression> extra(List<ExtraEntry> entries, String at) {
    Map<String, TokenExpression> extra = new LinkedHashMap<>();
    Set<String> keys = new HashSet<>();
    int number = 0;
    for (ExtraEntry entry : entries) {
      String here = at + "[" + number++ + "]";
      String key = text(entry.key());
      key(key, here + ".key");
      if (!unique(key, keys, here + ".key", errors)) {
        continue;
      }
      String expression = text(entry.valueExpression());
      if (expression.isEmpty()) {
        errors.add(FieldError.required(here + ".valueExpression", ""));
      } else {
        compile(expression, Scope.CLAIMS, here + ".valueExpression")
            .ifPresent(compiled -> extra.put(key, compiled));
      }
    }
    return extra;
  }

  private void key(String key, String at) {
    if (key.isEmpty()) {
      errors.add(FieldError.required(at, ""));
      return;
    }
    Checks.domainPrefixedPath(key, at, errors);
    if (!key.equals(key.toLowerCase(Locale.ROOT))) {
      errors.add(FieldError.invalid(at, key, "must be lowercase"));
    }
    String domain = "." + key.substring(0, Math.max(0, key.indexOf('/')));
    if (domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io")) {
      errors.add(
          FieldError.invalid(
              at,
              key,
              "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use"));
    }
  }

  private void absent(@Nullable String value, String at, String why) {
    if (!text(value).isEmpty()) {
      errors.add(FieldError.invalid(at, text(value), why));
    }
  }

  private Optional<TokenExpression> decision(String expression, Scope scope, String at) {
    Optional<TokenExpression> compiled = compile(expression, scope, at);
    if (compiled.isPresent() && !compiled.get().decides()) {
      errors.add(FieldError.invalid(at, expression, "must evaluate to bool"));
      return Optional.empty();
    }
    if (scope == Scope.CLAIMS) {
      compiled.ifPresent(this::noteEmail);
    }
    return compiled;
  }

  private Optional<TokenExpression> compile(String expression, Scope scope, String at) {
    try {
      return Optional.of(TokenExpression.of(expression, scope));
    } catch (MalformedExpressionException e) {
      errors.add(FieldError.invalid(at, expression, "compilation failed: " + e.getMessage()));
      return Optional.empty();
    }
  }
}
