package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How claims become a user.
 *
 * @param extra by the names of further facts
 */
record UserMapping(
    ClaimMapping username,
    Optional<ClaimMapping> groups,
    Optional<ClaimMapping> uid,
    Map<String, TokenExpression> extra) {

  /** A user with a name, and with groups where they are mapped. */
  static UserMapping of(ClaimMapping username, Optional<ClaimMapping> groups) {
    return new UserMapping(username, groups, Optional.empty(), Map.of());
  }

  UserInfo user(JsonNode claims) {
    String name = username.text(claims);
    if (name.isEmpty()) {
      throw Refusals.refused("the token makes a user without a name");
    }
    if (username instanceof ClaimMapping.Claim claim
        && claim.name().equals("email")
        && claims.has("email_verified")
        && !Json.flag(claims, "email_verified")) {
      throw Refusals.refused("the token's email address is not verified");
    }
    List<String> memberships = groups.map(mapping -> mapping.texts(claims)).orElse(List.of());
    String number = uid.map(mapping -> mapping.text(claims)).orElse("");
    Map<String, List<String>> facts = new HashMap<>();
    extra.forEach((key, expression) -> {
      List<String> values = expression.evaluateTexts(claims);
      if (!values.isEmpty()) {
        facts.put(key, values);
      }
    });
    return new UserInfo(name, number, memberships, facts);
  }
}
