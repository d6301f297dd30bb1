package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import tools.jackson.databind.node.ObjectNode;

/**
 * A create that stores nothing and answers at once: {@code tokenreviews}, {@code
 * subjectaccessreviews}, {@code serviceaccounts/token}. Registered under its resource and
 * subresource; runs authenticated and authorized, on a virtual thread.
 */
public interface ReviewHandler {

  /**
   * Answers.
   *
   * @throws dev.coxswain.api.status.ApiException to refuse
   */
  ObjectNode create(Review review);

  /**
   * What was posted.
   *
   * @param user who asks
   * @param namespace the namespace in the URL; empty for a cluster-scoped resource
   * @param name the name in the URL, as for {@code serviceaccounts/NAME/token}; empty otherwise
   * @param body the decoded object
   * @param dryRun whether the client asked to change nothing
   * @param annotations what is said to who reads the audit log
   */
  record Review(
      UserInfo user,
      String namespace,
      String name,
      ObjectNode body,
      boolean dryRun,
      Annotations annotations) {

    /** One of which nobody tells the audit log. */
    public Review(UserInfo user, String namespace, String name, ObjectNode body, boolean dryRun) {
      this(user, namespace, name, body, dryRun, Annotations.NONE);
    }
  }
}
