package dev.coxswain.apiserver.authz;

import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;

/**
 * Asks authorizers in turn until one allows or denies. Members of {@code system:masters} are always
 * allowed, so that a broken policy can be mended.
 */
public final class AuthorizerChain implements Authorizer {
  private final List<Authorizer> authorizers;

  /** A chain, in the order in which its members are asked. */
  public AuthorizerChain(List<Authorizer> authorizers) {
    this.authorizers = List.copyOf(authorizers);
  }

  @Override
  public Decision authorize(Attributes attributes) {
    if (attributes.user().in(UserInfo.MASTERS)) {
      return new Decision.Allow("");
    }
    StringBuilder reasons = new StringBuilder();
    for (Authorizer authorizer : authorizers) {
      Decision decision = authorizer.authorize(attributes);
      if (!(decision instanceof Decision.NoOpinion)) {
        return decision;
      }
      if (!decision.reason().isEmpty()) {
        reasons.append(reasons.isEmpty() ? "" : ", ").append(decision.reason());
      }
    }
    return new Decision.NoOpinion(reasons.toString());
  }
}
