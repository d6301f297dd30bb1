package dev.coxswain.apiserver.oidc;

import dev.coxswain.runtime.tls.PemSource;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom the server believes, and how a token becomes a user.
 *
 * @param url the issuer's URL, as it stands in tokens
 * @param client the audience that tokens must name
 * @param usernameClaim the claim that is the user's name
 * @param usernamePrefix what is put before it; may be empty
 * @param groupsClaim the claim that lists groups; empty for none
 * @param groupsPrefix what is put before each of them; may be empty
 * @param requiredClaims claims that must be there, with their values
 * @param authorities PEM file with the CA of the issuer's certificate; null for the JDK's own
 */
public record OpenIdSettings(
    String url,
    String client,
    String usernameClaim,
    String usernamePrefix,
    String groupsClaim,
    String groupsPrefix,
    Map<String, String> requiredClaims,
    @Nullable Path authorities) {

  /**
   * Reads what the flags say.
   *
   * @param usernamePrefix null where it was not given: the issuer and a hash sign then stand before
   *     every name but an email address; {@code -} for none
   * @param required {@code key=value}, for each claim that must be there
   * @throws IllegalArgumentException naming the flag that makes no sense
   */
  public static OpenIdSettings of(
      String issuer,
      String client,
      String usernameClaim,
      @Nullable String usernamePrefix,
      String groupsClaim,
      String groupsPrefix,
      List<String> required,
      @Nullable Path authorities) {
    URI url = URI.create(issuer);
    if (!"https".equals(url.getScheme()) || url.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "--oidc-issuer-url: \"" + issuer + "\" must be an https URL without a query");
    }
    if (client.isEmpty()) {
      throw new IllegalArgumentException("--oidc-client-id: is needed with --oidc-issuer-url");
    }
    String prefix = usernamePrefix;
    if (prefix == null) {
      prefix = usernameClaim.equals("email") ? "" : issuer + "#";
    }
    return new OpenIdSettings(
        issuer,
        client,
        usernameClaim,
        prefix.equals("-") ? "" : prefix,
        groupsClaim,
        groupsPrefix,
        claims(required),
        authorities);
  }

  TrustedIssuer issuer() {
    return new TrustedIssuer(
        KeySource.of(url, authorities == null ? null : new PemSource.File(authorities)),
        Set.of(client),
        requiredClaims,
        List.of(),
        UserMapping.of(
            new ClaimMapping.Claim(usernameClaim, usernamePrefix),
            groupsClaim.isEmpty()
                ? Optional.empty()
                : Optional.of(new ClaimMapping.Claim(groupsClaim, groupsPrefix))),
        List.of());
  }

  private static Map<String, String> claims(List<String> required) {
    Map<String, String> claims = new LinkedHashMap<>();
    for (String pair : required) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--oidc-required-claim: \"" + pair + "\" is not of the form key=value");
      }
      claims.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return claims;
  }
}
