package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** What extends the server itself. */
final class RegistrationKinds {
  private RegistrationKinds() {}

  static List<ResourceType> admission(Kinds kinds) {
    return List.of(
        kinds.generational("MutatingWebhookConfiguration").clusterScoped().build(),
        kinds.generational("ValidatingWebhookConfiguration").clusterScoped().build(),
        kinds
            .generationalWithStatus("ValidatingAdmissionPolicy")
            .plural("validatingadmissionpolicies")
            .clusterScoped()
            .build(),
        kinds.generational("ValidatingAdmissionPolicyBinding").clusterScoped().build());
  }

  static List<ResourceType> definitions(Kinds kinds) {
    return List.of(
        kinds
            .generationalWithStatus("CustomResourceDefinition")
            .shortNames("crd", "crds")
            .categories("api-extensions")
            .clusterScoped()
            .build());
  }

  static List<ResourceType> apiServices(Kinds kinds) {
    return List.of(
        kinds.withStatus("APIService").categories("api-extensions").clusterScoped().build());
  }
}
