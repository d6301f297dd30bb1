package dev.coxswain.apiserver.oidc;

import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.runtime.program.Reloading;
import dev.coxswain.runtime.time.Time;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tokens of the issuers that flags or a file name; a file is followed when it changes. */
public final class OpenIdTokens implements Authenticator, AutoCloseable {
  private final Time time;
  private final Reloading<State> state;

  /** The keys of each issuer in use; changed only while the state is made. */
  private final Map<KeySource, IssuerKeys> keys = new ConcurrentHashMap<>();

  private record State(List<OpenIdAuthenticator> issuers, Optional<AnonymousAccess> anonymous) {}

  private OpenIdTokens(Time time, Reloader reloader) {
    this.time = time;
    this.state = reloader.of(this);
  }

  @FunctionalInterface
  private interface Reloader {
    Reloading<State> of(OpenIdTokens tokens);
  }

  /** The issuer that flags name. */
  public static OpenIdTokens of(OpenIdSettings settings, Time time) {
    AuthenticationFile.Content content =
        new AuthenticationFile.Content(List.of(settings.issuer()), Optional.empty());
    return new OpenIdTokens(
        time, tokens -> new Reloading<>("flags", () -> "", () -> tokens.use(content)));
  }

  /**
   * The issuers of an {@code AuthenticationConfiguration}.
   *
   * @param own issuers that it may not name: their tokens are the server's own
   * @param anonymousFlag whether a flag already says what anonymous requests may do
   * @throws IllegalArgumentException naming the file, the fields and what is wrong with them
   */
  public static OpenIdTokens following(
      Path file, Set<String> own, boolean anonymousFlag, Time time) {
    return new OpenIdTokens(
        time,
        tokens ->
            Reloading.file(
                file,
                () -> {
                  AuthenticationFile.Content content = AuthenticationFile.read(file, own);
                  if (anonymousFlag && content.anonymous().isPresent()) {
                    throw new IllegalArgumentException(
                        "--anonymous-auth flag cannot be set when anonymous field is configured in"
                            + " authentication configuration file "
                            + file);
                  }
                  return tokens.use(content);
                }));
  }

  /** Issuers that stay keep the keys that were fetched. */
  private State use(AuthenticationFile.Content content) {
    List<OpenIdAuthenticator> issuers =
        content.issuers().stream()
            .map(issuer ->
                new OpenIdAuthenticator(
                    issuer,
                    keys.computeIfAbsent(issuer.keys(), source -> new IssuerKeys(source, time)),
                    time))
            .toList();
    List<KeySource> used = content.issuers().stream().map(TrustedIssuer::keys).toList();
    keys.entrySet()
        .removeIf(entry -> {
          boolean gone = !used.contains(entry.getKey());
          if (gone) {
            entry.getValue().close();
          }
          return gone;
        });
    return new State(issuers, content.anonymous());
  }

  @Override
  public Optional<UserInfo> authenticate(Credentials credentials) {
    if (credentials.bearerToken() == null) {
      return Optional.empty();
    }
    for (OpenIdAuthenticator issuer : state.current().issuers()) {
      Optional<UserInfo> user = issuer.authenticate(credentials);
      if (user.isPresent()) {
        return user;
      }
    }
    return Optional.empty();
  }

  /**
   * Whether requests without credentials may go to a path.
   *
   * @param otherwise what holds where the file says nothing about them
   */
  public boolean anonymousAllowed(String path, boolean otherwise) {
    return state.current().anonymous().map(access -> access.allows(path)).orElse(otherwise);
  }

  @Override
  public void close() {
    keys.values().forEach(IssuerKeys::close);
  }
}
