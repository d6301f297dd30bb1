package dev.coxswain.apiserver.authz.review;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.request.ReviewHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers {@code subjectaccessreviews}, {@code selfsubjectaccessreviews} and {@code
 * localsubjectaccessreviews}.
 */
public final class AccessReviews implements ReviewHandler {
  private final Authorizer authorizer;
  private final Subject subject;

  /** Whom a review is about. */
  private enum Subject {
    SELF,
    NAMED,
    NAMED_IN_NAMESPACE
  }

  private AccessReviews(Authorizer authorizer, Subject subject) {
    this.authorizer = authorizer;
    this.subject = subject;
  }

  /** What may I? */
  public static ReviewHandler self(Authorizer authorizer) {
    return new AccessReviews(authorizer, Subject.SELF);
  }

  /** What may somebody? */
  public static ReviewHandler named(Authorizer authorizer) {
    return new AccessReviews(authorizer, Subject.NAMED);
  }

  /** What may somebody in the namespace of the URL? */
  public static ReviewHandler local(Authorizer authorizer) {
    return new AccessReviews(authorizer, Subject.NAMED_IN_NAMESPACE);
  }

  @Override
  public ObjectNode create(Review review) {
    JsonNode spec = review.body().path("spec");
    JsonNode resource = spec.path("resourceAttributes");
    JsonNode path = spec.path("nonResourceAttributes");
    if (resource.isObject() == path.isObject()) {
      throw invalid(
          "exactly one of spec.resourceAttributes or spec.nonResourceAttributes must be specified");
    }
    if (subject == Subject.NAMED_IN_NAMESPACE
        && !resource.path("namespace").asString("").equals(review.namespace())) {
      throw invalid(
          "spec.resourceAttributes.namespace: Invalid value: must match metadata.namespace \""
              + review.namespace()
              + "\"");
    }
    for (String selector : List.of("fieldSelector", "labelSelector")) {
      ReviewSelectors.check(resource.path(selector), "spec.resourceAttributes." + selector);
    }
    Decision decision = authorizer.authorize(attributes(user(review, spec), resource, path));
    ObjectNode answer = review.body().deepCopy();
    ObjectNode status = answer.putObject("status");
    status.put("allowed", decision instanceof Decision.Allow);
    if (decision instanceof Decision.Deny) {
      status.put("denied", true);
    }
    if (!decision.reason().isEmpty()) {
      status.put("reason", decision.reason());
    }
    return answer;
  }

  private UserInfo user(Review review, JsonNode spec) {
    return switch (subject) {
      case SELF -> review.user();
      case NAMED, NAMED_IN_NAMESPACE -> {
        if (spec.path("user").asString("").isEmpty() && spec.path("groups").isEmpty()) {
          throw invalid(
              "spec.user: Invalid value: \"\": at least one of user or group must be specified");
        }
        Map<String, List<String>> extra = new TreeMap<>();
        spec.path("extra")
            .properties()
            .forEach(entry -> extra.put(entry.getKey(), strings(entry.getValue())));
        yield new UserInfo(
            spec.path("user").asString(""),
            spec.path("uid").asString(""),
            strings(spec.path("groups")),
            extra);
      }
    };
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.asString("")));
    return strings;
  }

  private static Attributes attributes(UserInfo user, JsonNode resource, JsonNode path) {
    return path.isObject()
        ? new Attributes(
            user,
            path.path("verb").asString(""),
            false,
            "",
            "",
            "",
            "",
            "",
            "",
            path.path("path").asString(""))
        : new Attributes(
                user,
                resource.path("verb").asString(""),
                true,
                resource.path("group").asString(""),
                resource.path("version").asString(""),
                resource.path("resource").asString(""),
                resource.path("subresource").asString(""),
                resource.path("namespace").asString(""),
                resource.path("name").asString(""),
                "")
            .limitedTo(ReviewSelectors.fields(resource.path("fieldSelector")));
  }

  private static ApiException invalid(String message) {
    return new ApiException(StatusReason.INVALID, message);
  }
}
