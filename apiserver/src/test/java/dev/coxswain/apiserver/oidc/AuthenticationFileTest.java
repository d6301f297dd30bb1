package dev.coxswain.apiserver.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

final class AuthenticationFileTest {
  private static final String OWN = "https://kubernetes.default.svc";

  private final ManualTime time = new ManualTime();
  private final TestIssuer issuer = new TestIssuer();
  @TempDir private Path folder;

  @AfterEach
  void stop() {
    issuer.close();
  }

  /** A file whose issuer is the test's, with these lines for the rest of it. */
  private Path file(String... lines) throws IOException {
    String text =
        """
        apiVersion: apiserver.config.k8s.io/v1
        kind: AuthenticationConfiguration
        jwt:
        - issuer:
            url: %s
            audiences: [ship, boat]
            audienceMatchPolicy: MatchAny
            certificateAuthority: |
        %s
        """
            .formatted(issuer.url, issuer.authorities().strip().indent(6).stripTrailing());
    return write(text + String.join("\n", lines) + "\n");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("authentication.yaml"), text);
  }

  private OpenIdTokens follow(Path file) {
    return OpenIdTokens.following(file, Set.of(OWN), false, time);
  }

  private UserInfo user(OpenIdTokens tokens, ObjectNode claims) {
    return tokens.authenticate(Credentials.token(issuer.sign(claims))).orElseThrow();
  }

  @Test
  void claimsBecomeAUserByNameAndPrefix() throws IOException {
    Path file =
        file(
            "  claimMappings:",
            "    username: {claim: sub, prefix: 'crew:'}",
            "    groups: {claim: groups, prefix: ''}",
            "    uid: {claim: number}");
    try (OpenIdTokens tokens = follow(file)) {
      UserInfo user = user(tokens, issuer.claims(time).put("number", "7").put("aud", "boat"));
      assertThat(user)
          .isEqualTo(new UserInfo("crew:ada", "7", List.of("bridge", "deck"), Map.of()));
      assertThatThrownBy(() -> user(tokens, issuer.claims(time).put("aud", "train")))
          .hasMessageContaining("is for \"train\", not for ship or boat");
    }
  }

  @Test
  void claimsBecomeAUserByExpressions() throws IOException {
    Path file =
        file(
            "  claimMappings:",
            "    username: {expression: 'claims.sub + \"@\" + claims.?home.orValue(\"sea\")'}",
            "    groups: {expression: 'claims.groups.map(g, g + \"-hand\")'}",
            "    uid: {expression: 'string(claims.number)'}",
            "    extra:",
            "    - {key: example.com/rank, valueExpression: 'claims.rank'}",
            "    - {key: example.com/none, valueExpression: 'claims.?none.orValue(\"\")'}");
    try (OpenIdTokens tokens = follow(file)) {
      ObjectNode claims = issuer.claims(time).put("number", 7);
      claims.putArray("rank").add("mate").add("");
      assertThat(user(tokens, claims))
          .isEqualTo(
              new UserInfo(
                  "ada@sea",
                  "7",
                  List.of("bridge-hand", "deck-hand"),
                  Map.of("example.com/rank", List.of("mate"))));
      assertThatThrownBy(() -> user(tokens, issuer.claims(time).put("number", 7).put("rank", 3)))
          .hasMessageContaining("must return a string or a list of strings");
      assertThatThrownBy(() -> user(tokens, issuer.claims(time)))
          .hasMessageContaining("resulted in error: no such key: number");
    }
  }

  @Test
  void rulesOfClaimsAndUsersMustHold() throws IOException {
    Path file =
        file(
            "  claimMappings: {username: {claim: sub, prefix: ''}}",
            "  claimValidationRules:",
            "  - {claim: hd, requiredValue: example.com}",
            "  - {expression: 'claims.exp - claims.iat <= 600', message: 'lives too long'}",
            "  userValidationRules:",
            "  - {expression: '!user.username.startsWith(\"system:\")', message: 'is reserved'}",
            "  - {expression: 'user.groups.size() == 0 && user.uid == \"\"'}");
    try (OpenIdTokens tokens = follow(file)) {
      ObjectNode good = issuer.claims(time).put("hd", "example.com");
      good.put("iat", time.now().getEpochSecond());
      assertThat(user(tokens, good).name()).isEqualTo("ada");
      assertThatThrownBy(() -> user(tokens, good.deepCopy().put("hd", "example.org")))
          .hasMessageContaining("required claim hd");
      assertThatThrownBy(() -> user(tokens, good.deepCopy().put("iat", 0)))
          .hasMessageEndingWith("failed: lives too long");
      assertThatThrownBy(() -> user(tokens, good.deepCopy().put("sub", "system:ada")))
          .hasMessageEndingWith("failed: is reserved");
    }
  }

  @Test
  void theDocumentMayLieElsewhere() throws IOException {
    Path file = file("  claimMappings: {username: {claim: sub, prefix: ''}}");
    String found =
        Files.readString(file).replace("    audiences", "    discoveryURL: %s\n    audiences");
    try (OpenIdTokens tokens = follow(write(found.formatted(issuer.url + "/elsewhere")))) {
      assertThatThrownBy(() -> user(tokens, issuer.claims(time)))
          .hasMessageContaining("/elsewhere answered 404");
    }
    issuer.publishAt("/elsewhere");
    try (OpenIdTokens tokens = follow(file)) {
      assertThat(user(tokens, issuer.claims(time)).name()).isEqualTo("ada");
    }
  }

  @Test
  void aFileThatChangesCountsAndABrokenOneDoesNot() throws IOException {
    Path file = file("  claimMappings: {username: {claim: sub, prefix: ''}}");
    try (OpenIdTokens tokens = follow(file)) {
      assertThat(user(tokens, issuer.claims(time)).name()).isEqualTo("ada");
      assertThat(tokens.anonymousAllowed("/livez", true)).isTrue();
      int asked = issuer.server.users.size();

      file(
          "  claimMappings: {username: {claim: sub, prefix: 'able seaman '}}",
          "anonymous: {enabled: true, conditions: [{path: /livez}]}");
      assertThat(user(tokens, issuer.claims(time)).name()).isEqualTo("able seaman ada");
      assertThat(tokens.anonymousAllowed("/livez", true)).isTrue();
      assertThat(tokens.anonymousAllowed("/livez/", true)).isFalse();
      assertThat(tokens.anonymousAllowed("/api", true)).isFalse();
      assertThat(issuer.server.users).as("keys that were fetched stay").hasSize(asked);

      file("  claimMappings: {username: {expression: 'claims.'}}");
      assertThat(user(tokens, issuer.claims(time)).name()).isEqualTo("able seaman ada");

      write("apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\n");
      assertThat(tokens.authenticate(Credentials.token(issuer.sign(issuer.claims(time)))))
          .isEmpty();
      assertThat(tokens.anonymousAllowed("/api", true)).isTrue();
    }
  }

  @Test
  void theFlagForAnonymousRequestsAndTheFieldExcludeEachOther() throws IOException {
    Path file =
        file(
            "  claimMappings: {username: {claim: sub, prefix: ''}}", "anonymous: {enabled: false}");
    assertThatThrownBy(() -> OpenIdTokens.following(file, Set.of(), true, time))
        .hasMessageContaining("--anonymous-auth flag cannot be set when");
    try (OpenIdTokens tokens = follow(file)) {
      assertThat(tokens.anonymousAllowed("/livez", true)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          issuer: {url: 'http://a', audiences: [x]} | jwt[0].issuer.url: Invalid value: "http://a": URL scheme must be https
          issuer: {url: 'https://a?b#c', audiences: [x]} | URL must not contain a query
          issuer: {url: 'https://a#c', audiences: [x]} | URL must not contain a fragment
          issuer: {url: 'https://u@a', audiences: [x]} | URL must not contain a username or password
          issuer: {url: 'https://kubernetes.default.svc', audiences: [x]} | URL must not overlap with disallowed issuers: [https://kubernetes.default.svc]
          issuer: {url: 'https://a', discoveryURL: 'https://a/', audiences: [x]} | jwt[0].issuer.discoveryURL: Invalid value: "https://a/": discoveryURL must be different from URL
          issuer: {url: 'https://a'} | jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required
          issuer: {audiences: [x]} | jwt[0].issuer.url: Required value
          issuer: {url: 'https://a', audiences: [x, '', x]} | jwt[0].issuer.audiences[1]: Required value; jwt[0].issuer.audiences[2]: Duplicate value: "x"; jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences
          issuer: {url: 'https://a', audiences: [x], certificateAuthority: none} | jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>"
          issuer: {url: 'https://a', audiences: [x], egressSelectorType: cluster} | egress selector is not supported
          claimMappings: {} | jwt[0].claimMappings.username: Required value: claim or expression is required
          claimMappings: {username: {claim: sub}} | jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set.
          claimMappings: {username: {claim: sub, expression: claims.sub}} | claim and expression can't both be set
          claimMappings: {username: {expression: claims.sub, prefix: x}} | jwt[0].claimMappings.username.prefix: Invalid value: "x": may not be specified when expression is set
          claimMappings: {username: {expression: claims.email}} | claims.email_verified must be used
          claimMappings: {username: {expression: 'claims.?email.orValue("")'}} | claims.email_verified must be used
          claimMappings: {username: {expression: user.username}} | jwt[0].claimMappings.username.expression: Invalid value: "user.username": compilation failed: ERROR: <input>:1:1: undeclared reference to 'user'
          claimMappings: {extra: [{key: plain, valueExpression: '1'}]} | jwt[0].claimMappings.extra[0].key: Invalid value: "plain": must be a domain-prefixed path (such as "acme.io/foo")
          claimMappings: {extra: [{key: a.k8s.io/x, valueExpression: '1'}]} | are reserved for Kubernetes use
          claimMappings: {extra: [{key: a.io/x, valueExpression: '1'}, {key: a.io/x}]} | jwt[0].claimMappings.extra[1].key: Duplicate value: "a.io/x"
          claimMappings: {extra: [{key: a.io/x}]} | jwt[0].claimMappings.extra[0].valueExpression: Required value
          claimValidationRules: [{}] | jwt[0].claimValidationRules[0]: Required value: claim or expression is required
          claimValidationRules: [{expression: claims.sub}] | jwt[0].claimValidationRules[0].expression: Invalid value: "claims.sub": must evaluate to bool
          claimValidationRules: [{claim: a, message: b}] | may not be specified when claim is set
          claimValidationRules: [{claim: a}, {claim: a}] | jwt[0].claimValidationRules[1].claim: Duplicate value: "a"
          userValidationRules: [{message: b}] | jwt[0].userValidationRules[0].expression: Required value
          userValidationRules: [{expression: user.height > 1}] | undefined field 'height'
          """)
  void whatMakesNoSenseIsRefusedInUpstreamsWords(String entry, String problem) throws IOException {
    Path file =
        write(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n- "
                + entry
                + "\n");
    assertThatThrownBy(() -> follow(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void emailMayBeUsedWhereSomethingLooksWhetherItIsVerified() throws IOException {
    Path file =
        file(
            "  claimMappings: {username: {expression: claims.email}}",
            "  claimValidationRules: [{expression: 'claims.?email_verified.orValue(true) =="
                + " true'}]");
    try (OpenIdTokens tokens = follow(file)) {
      assertThat(user(tokens, issuer.claims(time).put("email", "ada@example.com")).name())
          .isEqualTo("ada@example.com");
    }
  }

  @Test
  void theFileItselfIsReadStrictly() throws IOException {
    assertThatThrownBy(() -> follow(write("apiVersion: v1\nkind: Pod\n")))
        .hasMessageContaining("apiVersion: Unsupported value: \"v1\"")
        .hasMessageContaining("kind: Unsupported value: \"Pod\"");
    assertThatThrownBy(() ->
            follow(
                write(
                    """
                    apiVersion: apiserver.config.k8s.io/v1
                    kind: AuthenticationConfiguration
                    anonymous: {enabled: false, conditions: [{path: /x}]}
                    """)))
        .hasMessageContaining("anonymous.conditions: Invalid value")
        .hasMessageContaining("enabled should be set to true when conditions are defined");
  }
}
