package dev.coxswain.apiserver.admission.webhook;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Decides whether a webhook's {@code matchConditions} hold for a request. */
@FunctionalInterface
public interface MatchConditions {
  /** Nobody here can evaluate expressions: a webhook that has conditions cannot be judged. */
  MatchConditions NONE =
      (conditions, request) -> {
        throw new UnevaluatedException("this server does not evaluate matchConditions yet");
      };

  /**
   * Whether all conditions hold.
   *
   * @param conditions the list, with {@code name} and {@code expression} each; never empty
   * @param request the {@code request} of the review that would be sent, with {@code object} and
   *     {@code oldObject}
   * @throws UnevaluatedException where no condition is false and one could not be evaluated
   */
  boolean hold(JsonNode conditions, ObjectNode request) throws UnevaluatedException;

  /** It cannot be said whether they hold. */
  final class UnevaluatedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** With the reason. */
    public UnevaluatedException(String message) {
      super(message);
    }
  }
}
