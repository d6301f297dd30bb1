package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.definition.DefinitionStrategy;
import dev.coxswain.apiserver.kinds.admission.PolicyBindingStrategy;
import dev.coxswain.apiserver.kinds.admission.PolicyStrategy;
import dev.coxswain.apiserver.kinds.admission.WebhookStrategy;
import dev.coxswain.apiserver.kinds.aggregation.ApiServiceStrategy;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.Conversion;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What extends the server itself. */
final class RegistrationKinds {
  private static final String UNSET = "<unset>";

  private RegistrationKinds() {}

  private static List<Column> webhooks() {
    return Columns.named(
        Columns.number("Webhooks", "How many there are.", w -> w.path("webhooks").size()),
        Columns.age());
  }

  private static String service(ObjectNode registration) {
    var service = registration.path("spec").path("service");
    return service.isObject()
        ? Json.text(service, "namespace") + "/" + Json.text(service, "name")
        : "Local";
  }

  private static String available(ObjectNode registration) {
    for (var condition : registration.path("status").path("conditions")) {
      if (Json.text(condition, "type").equals("Available")) {
        String status = Json.text(condition, "status");
        return status.equals("True")
            ? status
            : status + " (" + Json.text(condition, "reason") + ")";
      }
    }
    return "Unknown";
  }

  private static String paramKind(ObjectNode policy) {
    JsonNode kind = Json.at(policy, "spec", "paramKind");
    return kind.isObject() ? Json.text(kind, "apiVersion") + "/" + Json.text(kind, "kind") : UNSET;
  }

  private static String paramRef(ObjectNode binding) {
    JsonNode ref = Json.at(binding, "spec", "paramRef");
    if (!ref.isObject()) {
      return UNSET;
    }
    String name = Json.text(ref, "name");
    if (name.isEmpty()) {
      return "*";
    }
    String namespace = Json.text(ref, "namespace");
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  /** The columns of policies, with how many there are of what they consist of. */
  private static List<Column> policies(String parts) {
    String field = parts.toLowerCase(Locale.ROOT);
    return Columns.named(
        Columns.number(
            parts, "How many there are.", policy -> Json.at(policy, "spec", field).size()),
        Columns.text("ParamKind", "The parameters.", RegistrationKinds::paramKind),
        Columns.age());
  }

  private static List<Column> bindings() {
    return Columns.named(
        Columns.text(
            "PolicyName", "What it binds.", binding -> Json.text(binding, "spec", "policyName")),
        Columns.text("ParamRef", "The parameters.", RegistrationKinds::paramRef),
        Columns.age());
  }

  static List<ResourceType> admission(Kinds kinds) {
    return List.of(
        kinds
            .declare(
                "MutatingWebhookConfiguration",
                new WebhookStrategy(kinds.schema("MutatingWebhookConfiguration"), true))
            .columns(webhooks())
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "ValidatingWebhookConfiguration",
                new WebhookStrategy(kinds.schema("ValidatingWebhookConfiguration"), false))
            .columns(webhooks())
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "ValidatingAdmissionPolicy",
                PolicyStrategy.validating(kinds.schema("ValidatingAdmissionPolicy")))
            .status()
            .columns(policies("Validations"))
            .plural("validatingadmissionpolicies")
            .clusterScoped()
            .build(),
        kinds
            .declare(
                "ValidatingAdmissionPolicyBinding",
                PolicyBindingStrategy.validating(kinds.schema("ValidatingAdmissionPolicyBinding")))
            .columns(bindings())
            .clusterScoped()
            .build(),
        mutatingPolicy(kinds).build(),
        mutatingPolicyBinding(kinds).build());
  }

  /** What 1.34 knows as {@code v1beta1} only; since then it is generally available. */
  static List<ResourceType> admissionBeta(Kinds kinds) {
    return List.of(
        asFirstVersion(kinds, mutatingPolicy(kinds)),
        asFirstVersion(kinds, mutatingPolicyBinding(kinds)));
  }

  private static ResourceType asFirstVersion(Kinds kinds, ResourceType.Builder beta) {
    ResourceType type = beta.build();
    GroupVersionKind stored = new GroupVersionKind(kinds.group(), "v1", type.kind().kind());
    return beta.storedAs(
            stored,
            type.plural(),
            Conversion.sameShape(type.kind().apiVersion(), stored.apiVersion()))
        .build();
  }

  private static ResourceType.Builder mutatingPolicy(Kinds kinds) {
    return kinds
        .declare(
            "MutatingAdmissionPolicy",
            PolicyStrategy.mutating(kinds.schema("MutatingAdmissionPolicy")))
        .columns(policies("Mutations"))
        .plural("mutatingadmissionpolicies")
        .clusterScoped();
  }

  private static ResourceType.Builder mutatingPolicyBinding(Kinds kinds) {
    return kinds
        .declare(
            "MutatingAdmissionPolicyBinding",
            PolicyBindingStrategy.mutating(kinds.schema("MutatingAdmissionPolicyBinding")))
        .columns(bindings())
        .clusterScoped();
  }

  static List<ResourceType> definitions(Kinds kinds) {
    return List.of(
        kinds
            .declare(
                "CustomResourceDefinition",
                new DefinitionStrategy(kinds.schema("CustomResourceDefinition")))
            .status()
            .columns(Columns.name(), Columns.createdAt())
            .shortNames("crd", "crds")
            .categories("api-extensions")
            .clusterScoped()
            .build());
  }

  static List<ResourceType> apiServices(Kinds kinds) {
    return List.of(
        kinds
            .declare("APIService", new ApiServiceStrategy(kinds.schema("APIService")))
            .status()
            .columns(
                Columns.named(
                    Columns.text("Service", "Who serves it.", RegistrationKinds::service),
                    Columns.text("Available", "Whether it answers.", RegistrationKinds::available),
                    Columns.age()))
            .categories("api-extensions")
            .clusterScoped()
            .build());
  }
}
