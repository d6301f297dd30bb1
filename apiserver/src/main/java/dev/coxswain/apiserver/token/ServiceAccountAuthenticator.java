package dev.coxswain.apiserver.token;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.runtime.time.Time;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bearer tokens of service accounts: signed by us, valid now, for us, and for an account (and pod)
 * that is still there.
 */
final class ServiceAccountAuthenticator implements Authenticator {
  private static final String EXTRA = "authentication.kubernetes.io/";

  private final TokenCodec codec;
  private final TokenSubjects subjects;
  private final Time time;

  ServiceAccountAuthenticator(TokenCodec codec, TokenSubjects subjects, Time time) {
    this.codec = codec;
    this.subjects = subjects;
    this.time = time;
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    String token = credentials.bearerToken();
    return token == null
        ? Optional.empty()
        : authenticate(token, List.of(codec.issuer())).map(Authenticated::user);
  }

  /**
   * A token's user.
   *
   * @param audiences those of the accepted audiences that the token is for
   */
  record Authenticated(UserInfo user, List<String> audiences) {}

  /** As {@link #authenticate(Credentials)}, for any of some audiences. */
  Optional<Authenticated> authenticate(String token, List<String> accepted) {
    Optional<TokenClaims> verified = codec.verify(token);
    if (verified.isEmpty()) {
      return Optional.empty();
    }
    TokenClaims claims = verified.get();
    Instant now = time.now();
    if (!now.isBefore(claims.expires())) {
      throw new ApiException(StatusReason.UNAUTHORIZED, "the token expired " + claims.expires());
    }
    if (now.isBefore(claims.issued())) {
      throw new ApiException(
          StatusReason.UNAUTHORIZED, "the token is not valid before " + claims.issued());
    }
    List<String> audiences = claims.audiences().stream().filter(accepted::contains).toList();
    if (audiences.isEmpty()) {
      throw new ApiException(
          StatusReason.UNAUTHORIZED, "the token is for " + claims.audiences() + ", not for us");
    }
    subjects.check(claims, now);
    return Optional.of(new Authenticated(user(claims), audiences));
  }

  /** How a token is told where it must not be shown. */
  static String credential(TokenClaims claims) {
    return "JTI=" + claims.id();
  }

  private static UserInfo user(TokenClaims claims) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    extra.put(EXTRA + "credential-id", List.of(credential(claims)));
    if (claims.node() != null) {
      extra.put(EXTRA + "node-name", List.of(claims.node().name()));
      extra.put(EXTRA + "node-uid", List.of(claims.node().uid()));
    }
    if (claims.pod() != null) {
      extra.put(EXTRA + "pod-name", List.of(claims.pod().name()));
      extra.put(EXTRA + "pod-uid", List.of(claims.pod().uid()));
    }
    return new UserInfo(
        claims.subject(),
        claims.account().uid(),
        ServiceAccountNames.groups(claims.namespace()),
        extra);
  }
}
