package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** How a part of a user comes from a token's claims. */
sealed interface ClaimMapping {

  /** As one text, which must be there. */
  String text(JsonNode claims);

  /** As texts: one, several or none. */
  List<String> texts(JsonNode claims);

  /** A claim as it is, with something before it. */
  record Claim(String name, String prefix) implements ClaimMapping {
    @Override
    public String text(JsonNode claims) {
      String text = Json.text(claims, name);
      if (text.isEmpty()) {
        throw Refusals.refused("the token has no claim " + name);
      }
      return prefix + text;
    }

    @Override
    public List<String> texts(JsonNode claims) {
      return listed(claims.path(name)).stream().map(text -> prefix + text).toList();
    }
  }

  /** What an expression makes. */
  record Computed(TokenExpression expression) implements ClaimMapping {
    @Override
    public String text(JsonNode claims) {
      return expression.evaluateText(claims);
    }

    @Override
    public List<String> texts(JsonNode claims) {
      return expression.evaluateTexts(claims);
    }
  }

  /** The texts of a claim that is one text or a list of them. */
  static List<String> listed(JsonNode claim) {
    List<String> texts = new ArrayList<>();
    if (claim.isString()) {
      texts.add(claim.asString());
    } else {
      claim.forEach(text -> texts.add(text.asString("")));
    }
    return texts;
  }
}
