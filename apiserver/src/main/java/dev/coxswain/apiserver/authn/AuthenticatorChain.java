package dev.coxswain.apiserver.authn;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Asks authenticators in turn: the first that recognizes the credentials decides who it is. */
public final class AuthenticatorChain implements Authenticator {
  private final List<Authenticator> authenticators;
  private final Predicate<String> anonymous;

  /**
   * A chain.
   *
   * @param authenticators in the order in which they are asked
   * @param anonymous for which paths a request without credentials is {@link UserInfo#ANONYMOUS}
   */
  public AuthenticatorChain(List<Authenticator> authenticators, Predicate<String> anonymous) {
    this.authenticators = List.copyOf(authenticators);
    this.anonymous = anonymous;
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
    if (credentials.bearerToken() == null && anonymous.test(credentials.path())) {
      return Optional.of(UserInfo.ANONYMOUS);
    }
    throw new ApiException(StatusReason.UNAUTHORIZED, "Unauthorized");
  }
}
