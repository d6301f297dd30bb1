package dev.coxswain.apiserver.oidc;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;

/** Tokens that are refused. */
final class Refusals {
  private Refusals() {}

  static ApiException refused(String why) {
    return new ApiException(StatusReason.UNAUTHORIZED, "oidc: " + why);
  }
}
