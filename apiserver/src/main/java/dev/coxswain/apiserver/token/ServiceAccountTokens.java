package dev.coxswain.apiserver.token;

import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.request.Endpoint;
import dev.coxswain.apiserver.request.ReviewHandler;
import dev.coxswain.apiserver.watch.ObjectView;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.util.List;

/** Everything about service-account tokens, put together from the keys and the issuer. */
public final class ServiceAccountTokens {
  private final ServiceAccountAuthenticator authenticator;
  private final TokenRequests requests;
  private final SecretTokenAuthenticator secretTokens;
  private final String issuer;
  private final OpenIdDocuments documents;

  /**
   * Puts it together.
   *
   * @param issuer the name on the tokens, which is also the audience of this server
   * @param keysUri where others find the public keys, as an absolute URL
   */
  public ServiceAccountTokens(
      SigningKeys keys,
      String issuer,
      String keysUri,
      ObjectView view,
      Time time,
      Randomness random) {
    var codec = new TokenCodec(keys, issuer);
    var subjects = new TokenSubjects(view);
    authenticator = new ServiceAccountAuthenticator(codec, subjects, time);
    requests = new TokenRequests(codec, subjects, time, random);
    secretTokens = new SecretTokenAuthenticator(codec, view);
    this.issuer = issuer;
    documents = new OpenIdDocuments(keys, issuer, keysUri);
  }

  /** Recognizes the tokens. */
  public Authenticator authenticator() {
    return authenticator;
  }

  /** Answers {@code serviceaccounts/token}. */
  public ReviewHandler requests() {
    return requests;
  }

  /** Recognizes the tokens that stand in Secrets. */
  public Authenticator secretTokens() {
    return secretTokens;
  }

  /**
   * Answers {@code tokenreviews}.
   *
   * @param others who recognizes other tokens than those that were requested
   */
  public ReviewHandler reviews(List<Authenticator> others) {
    return new TokenReviews(authenticator, issuer, others);
  }

  /** Answers {@code /.well-known/openid-configuration}. */
  public Endpoint configuration() {
    return documents.configuration();
  }

  /** Answers {@code /openid/v1/jwks}. */
  public Endpoint keySet() {
    return documents.keySet();
  }
}
