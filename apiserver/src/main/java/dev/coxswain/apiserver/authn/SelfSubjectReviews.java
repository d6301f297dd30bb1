package dev.coxswain.apiserver.authn;

import dev.coxswain.apiserver.request.ReviewHandler;
import tools.jackson.databind.node.ObjectNode;

/** {@code selfsubjectreviews}: who am I, as {@code kubectl auth whoami} asks. */
public final class SelfSubjectReviews implements ReviewHandler {

  @Override
  public ObjectNode create(Review review) {
    ObjectNode answer = review.body().deepCopy();
    answer.putObject("status").set("userInfo", UserJson.of(review.user()));
    return answer;
  }
}
