package dev.coxswain.runtime.access;

import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpecBuilder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Asks the API server by TokenReview and SubjectAccessReview and remembers its answers for as long
 * as upstream's kubelet does.
 */
public final class DelegatedAccess implements AccessControl {
  private static final Duration KNOWN_TOKEN = Duration.ofMinutes(2);
  private static final Duration UNKNOWN_TOKEN = Duration.ofSeconds(10);
  private static final Duration ALLOWED = Duration.ofMinutes(5);
  private static final Duration DENIED = Duration.ofSeconds(30);

  /** A daemon has few callers; more only means that the API server is asked again. */
  private static final int MOST_ANSWERS = 1000;

  private final ResourceClient<TokenReview> tokens;
  private final ResourceClient<SubjectAccessReview> reviews;
  private final Answered<String, Optional<Caller>> callers;
  private final Answered<Question, Boolean> permissions;

  private record Question(Caller caller, Permission wanted) {}

  /** What the API server that this client speaks to says. */
  public DelegatedAccess(ApiClient api, Time time) {
    this.tokens = api.resource(TokenReview.class);
    this.reviews = api.resource(SubjectAccessReview.class);
    this.callers = new Answered<>(MOST_ANSWERS, time);
    this.permissions = new Answered<>(MOST_ANSWERS, time);
  }

  @Override
  public Optional<Caller> authenticate(String token) {
    // Secrets are not kept for the sake of a cache.
    return callers.get(
        digest(token),
        ignored -> review(token),
        answer -> answer.isPresent() ? KNOWN_TOKEN : UNKNOWN_TOKEN);
  }

  @Override
  public boolean allows(Caller caller, Permission wanted) {
    return caller.mayDoAnything()
        || permissions.get(
            new Question(caller, wanted), this::review, allowed -> allowed ? ALLOWED : DENIED);
  }

  private Optional<Caller> review(String token) {
    TokenReview answer =
        tokens.create(
            new TokenReviewBuilder()
                .withNewMetadata()
                .endMetadata()
                .withNewSpec()
                .withToken(token)
                .endSpec()
                .build());
    if (answer.getStatus() == null
        || !Boolean.TRUE.equals(answer.getStatus().getAuthenticated())
        || answer.getStatus().getUser() == null) {
      return Optional.empty();
    }
    var user = answer.getStatus().getUser();
    return Optional.of(
        new Caller(
            user.getUsername(), user.getUid() == null ? "" : user.getUid(), user.getGroups()));
  }

  private boolean review(Question question) {
    Caller caller = question.caller();
    var asked =
        new SubjectAccessReviewSpecBuilder()
            .withUser(caller.name())
            .withUid(caller.uid())
            .withGroups(caller.groups());
    switch (question.wanted()) {
      case Permission.OnObject(String verb, String resource, String subresource, String name) ->
          asked
              .withNewResourceAttributes()
              .withVerb(verb)
              .withVersion("v1")
              .withResource(resource)
              .withSubresource(subresource)
              .withName(name)
              .endResourceAttributes();
      case Permission.OnPath(String verb, String path) ->
          asked.withNewNonResourceAttributes(path, verb);
    }
    SubjectAccessReview answer =
        reviews.create(
            new SubjectAccessReviewBuilder()
                .withNewMetadata()
                .endMetadata()
                .withSpec(asked.build())
                .build());
    return answer.getStatus() != null && Boolean.TRUE.equals(answer.getStatus().getAllowed());
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every JDK has SHA-256", absent);
    }
  }
}
