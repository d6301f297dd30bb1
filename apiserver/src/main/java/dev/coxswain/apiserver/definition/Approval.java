package dev.coxswain.apiserver.definition;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.definition.Conditions.Condition;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Groups of the Kubernetes community are protected against being used by mistake: who defines
 * something in one of them says where that was agreed upon, or that it was not.
 */
public final class Approval {
  static final String ANNOTATION = "api-approved.kubernetes.io";
  static final String MISSING = "MissingAnnotation";
  static final String INVALID = "InvalidAnnotation";
  private static final String NEEDED =
      "protected groups must have approval annotation \"" + ANNOTATION + "\"";
  private static final String SEE = ", see https://github.com/kubernetes/enhancements/pull/1111";

  private Approval() {}

  /** What a definition says about it, as a condition; empty where its group is nobody's concern. */
  public static Optional<Condition> condition(ObjectNode definition) {
    String group = Json.text(definition, "spec", "group");
    return within(group, "k8s.io") || within(group, "kubernetes.io")
        ? Optional.of(of(given(definition)))
        : Optional.empty();
  }

  static String given(ObjectNode definition) {
    return Json.text(definition, "metadata", "annotations", ANNOTATION);
  }

  private static boolean within(String group, String community) {
    return group.equals(community) || group.endsWith("." + community);
  }

  private static Condition of(String approval) {
    if (approval.isEmpty()) {
      return conformant("False", MISSING, NEEDED + SEE);
    }
    if (approval.startsWith("unapproved")) {
      return conformant("False", "UnapprovedAnnotation", "not approved: \"" + approval + "\"");
    }
    return isUrl(approval)
        ? conformant("True", "ApprovedAnnotation", "approved in " + approval)
        : conformant(
            "False",
            INVALID,
            NEEDED + " with either a URL or a reason starting with \"unapproved\"" + SEE);
  }

  private static Condition conformant(String status, String reason, String message) {
    return new Condition("KubernetesAPIApprovalPolicyConformant", status, reason, message);
  }

  private static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      return url.getScheme() != null && url.getHost() != null;
    } catch (URISyntaxException malformed) {
      return false;
    }
  }
}
