package dev.coxswain.apiserver.token;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authn.Authenticator;
import dev.coxswain.apiserver.authn.Credentials;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authn.UserJson;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.ReviewHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code tokenreviews}: tells another server, such as a kubelet, whose token it was shown. */
final class TokenReviews implements ReviewHandler {
  private final ServiceAccountAuthenticator authenticator;
  private final String issuer;
  private final List<Authenticator> others;

  TokenReviews(
      ServiceAccountAuthenticator authenticator, String issuer, List<Authenticator> others) {
    this.authenticator = authenticator;
    this.issuer = issuer;
    this.others = List.copyOf(others);
  }

  @Override
  public ObjectNode create(Review review) {
    String token = Json.text(review.body(), "spec", "token");
    if (token.isEmpty()) {
      throw Failures.badRequest("token is required for TokenReview in authentication");
    }
    List<String> accepted = new ArrayList<>();
    review.body().path("spec").path("audiences").forEach(a -> accepted.add(a.asString("")));
    if (accepted.isEmpty()) {
      accepted.add(issuer);
    }
    ObjectNode answer = review.body().deepCopy();
    // The token is not sent back: answers end up in logs.
    Json.ensureObject(answer, "spec").remove("token");
    ObjectNode status = answer.putObject("status");
    try {
      Optional<ServiceAccountAuthenticator.Authenticated> user = user(token, accepted);
      if (user.isPresent()) {
        status.put("authenticated", true);
        status.set("user", UserJson.of(user.get().user().with(UserInfo.AUTHENTICATED)));
        user.get().audiences().forEach(status.putArray("audiences")::add);
        return answer;
      }
      status.put("error", "the token is of no kind that this server knows");
    } catch (ApiException e) {
      status.put("error", e.status().message());
    }
    status.put("authenticated", false);
    return answer;
  }

  private Optional<ServiceAccountAuthenticator.Authenticated> user(
      String token, List<String> accepted) {
    Optional<ServiceAccountAuthenticator.Authenticated> own =
        authenticator.authenticate(token, accepted);
    // Tokens that name no audience of this server's kind are for this server alone.
    if (own.isPresent() || !accepted.contains(issuer)) {
      return own;
    }
    Credentials credentials = Credentials.token(token);
    return others.stream()
        .flatMap(other -> other.authenticate(credentials).stream())
        .findFirst()
        .map(user -> new ServiceAccountAuthenticator.Authenticated(user, List.of(issuer)));
  }
}
