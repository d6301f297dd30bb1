package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.values.NullValue;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.admission.webhook.Subject;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.cel.JsonValues;
import dev.coxswain.apiserver.cel.RequestTypes;
import dev.coxswain.apiserver.cel.library.AuthorizerFunctions.ResourceCheck;
import dev.coxswain.apiserver.cel.library.AuthorizerFunctions.Who;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The values that expressions see of one request. */
final class Scene {
  private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

  private final Map<String, Object> values = new HashMap<>();

  /**
   * The values of a request.
   *
   * @param request as a webhook would be told, with {@code object} and {@code oldObject}
   * @param namespace the namespace; null where there is none
   */
  Scene(ObjectNode request, @Nullable ObjectNode namespace, UserInfo user, Authorizer authorizer) {
    values.put("object", JsonValues.of(request.path("object")));
    values.put("oldObject", JsonValues.of(request.path("oldObject")));
    values.put("request", JsonValues.of(request, RequestTypes.REQUEST));
    values.put(
        "namespaceObject",
        namespace == null
            ? NullValue.NULL_VALUE
            : JsonValues.of(namespace, RequestTypes.NAMESPACE));
    Who who = new Who(user, authorizer);
    values.put("authorizer", who);
    JsonNode resource = request.path("requestResource");
    values.put(
        "authorizer.requestResource",
        new ResourceCheck(
            who,
            Json.text(resource, "group"),
            Json.text(resource, "resource"),
            Json.text(request, "requestSubResource"),
            Json.text(request, "namespace"),
            Json.text(request, "name")));
  }

  /** The values of a request as it is now, by one version of its resource. */
  static Scene of(
      Subject subject, ResourceType form, ClusterObjects objects, Authorizer authorizer) {
    return new Scene(
        subject.review(form, ""),
        namespace(subject.request(), objects),
        subject.request().user(),
        authorizer);
  }

  private static @Nullable ObjectNode namespace(AdmissionRequest request, ClusterObjects objects) {
    String name = request.namespace();
    if (name.isEmpty() || request.resource().equals(NAMESPACES)) {
      return null;
    }
    return objects
        .find(NAMESPACES, ObjectKey.cluster(name))
        .orElseThrow(() -> Failures.notFound(NAMESPACES, name));
  }

  /** The values, with those of one parameter object; null where there is none. */
  Map<String, Object> with(@Nullable JsonNode params) {
    Map<String, Object> all = new HashMap<>(values);
    all.put("params", params == null ? NullValue.NULL_VALUE : JsonValues.of(params));
    all.put("variables", Map.of());
    return all;
  }
}
