package dev.coxswain.apiserver.authn;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks authenticators in turn: the first that recognizes the credentials decides who it is. */
public final class AuthenticatorChain implements Authenticator {
  private final List<Authenticator> authenticators;
  private final boolean anonymousAllowed;

  /**
   * A chain.
   *
   * @param authenticators in the order in which they are asked
   * @param anonymousAllowed whether a request without credentials is {@link UserInfo#ANONYMOUS}
   */
  public AuthenticatorChain(List<Authenticator> authenticators, boolean anonymousAllowed) {
    this.authenticators = List.copyOf(authenticators);
    this.anonymousAllowed = anonymousAllowed;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    @Nullable ApiException refused = null;
    for (Authenticator authenticator : authenticators) {
      try {
        Optional<UserInfo> user = authenticator.authenticate(credentials);
        if (user.isPresent()) {
          return user.map(found -> found.with(UserInfo.AUTHENTICATED));
        }
      } catch (ApiException e) {
        // Another one may still know these credentials, as with several token issuers.
        refused = e;
      }
    }
    if (refused != null) {
      throw refused;
    }
    if (anonymousAllowed && credentials.bearerToken() == null) {
      return Optional.of(UserInfo.ANONYMOUS);
    }
    throw new ApiException(StatusReason.UNAUTHORIZED, "Unauthorized");
  }
}
