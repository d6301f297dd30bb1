package dev.coxswain.apiserver.admission.policy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who has a policy read parameters must be allowed to read them: what a policy says of a request
 * can tell what stands in them.
 */
public final class ParameterAccess implements AdmissionPlugin {
  private static final String GROUP = "admissionregistration.k8s.io";
  private static final List<String> EFFECTS = List.of("validating", "mutating");

  private final ObjectView view;
  private final ResourceRegistry registry;
  private final Authorizer authorizer;

  /** Looks policies up here, and asks this authorizer. */
  public ParameterAccess(ObjectView view, ResourceRegistry registry, Authorizer authorizer) {
    this.view = view;
    this.registry = registry;
    this.authorizer = authorizer;
  }

  @Override
  public String name() {
    return "AdmissionPolicyParameters";
  }

  @Override
  public void validate(AdmissionRequest request) {
    ObjectNode object = request.object();
    if (object == null || request.user().in(UserInfo.MASTERS)) {
      return;
    }
    for (String effect : EFFECTS) {
      String policies = effect + "admissionpolicies";
      if (request.isFor(GROUP, policies)) {
        policy(request, object.path("spec"));
      } else if (request.isFor(GROUP, effect + "admissionpolicybindings")) {
        binding(request, new GroupResource(GROUP, policies), object.path("spec"));
      }
    }
  }

  private void policy(AdmissionRequest request, JsonNode spec) {
    JsonNode kind = spec.path("paramKind");
    if (!kind.isObject() || before(request).path("paramKind").equals(kind)) {
      return;
    }
    if (!mayGet(request, kind, "*", "*")) {
      refuse(
          request,
          "spec.paramKind",
          "must have \"get\" permission on all objects of the referenced paramKind (kind="
              + Json.text(kind, "kind")
              + ", apiVersion="
              + Json.text(kind, "apiVersion")
              + ")");
    }
  }

  private void binding(AdmissionRequest request, GroupResource policies, JsonNode spec) {
    JsonNode reference = spec.path("paramRef");
    JsonNode before = before(request);
    boolean same =
        before.path("paramRef").equals(reference)
            && before.path("policyName").equals(spec.path("policyName"));
    if (!reference.isObject() || same) {
      return;
    }
    JsonNode kind =
        view.find(policies, ObjectKey.cluster(Json.text(spec, "policyName")))
            .map(policy -> Json.at(policy, "spec", "paramKind"))
            .orElse(Json.object());
    if (!mayGet(request, kind, Json.text(reference, "namespace"), Json.text(reference, "name"))) {
      refuse(
          request,
          "spec.paramRef",
          "does not have \"get\" permission on the object referenced by paramRef");
    }
  }

  private static JsonNode before(AdmissionRequest request) {
    ObjectNode old = request.oldObject();
    return old == null ? Json.object() : old.path("spec");
  }

  /** Where the kind is not known, nothing less than everything will do. */
  private boolean mayGet(AdmissionRequest request, JsonNode kind, String namespace, String name) {
    String group = "*";
    String version = "*";
    String resource = "*";
    if (kind.isObject() && !Json.text(kind, "apiVersion").isEmpty()) {
      GroupVersionKind wanted = Parameters.kind(kind);
      group = wanted.group();
      version = wanted.version();
      Optional<ResourceType> type = registry.find(wanted);
      resource = type.isPresent() ? type.get().plural() : "*";
    }
    Attributes attributes =
        new Attributes(
            request.user(), "get", true, group, version, resource, "", namespace, name, "");
    return authorizer.authorize(attributes) instanceof Decision.Allow;
  }

  private static void refuse(AdmissionRequest request, String field, String problem) {
    InvalidObject.throwIfAny(
        request.kind(),
        request.name(),
        List.of(FieldError.forbidden(field, "user " + request.user().name() + " " + problem)));
  }
}
