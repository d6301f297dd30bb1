package dev.coxswain.apiserver.authn;

import java.util.Optional;

/** One way to recognize a user. Called on a virtual thread for every request; may block briefly. */
public interface Authenticator {

  /**
   * The user that these credentials prove, or empty when they are not of this authenticator's kind.
   *
   * @throws dev.coxswain.api.status.ApiException with reason {@code Unauthorized} when they are of
   *     its kind but not valid (expired, wrong signature, unknown)
   */
  Optional<UserInfo> authenticate(Credentials credentials);
}
