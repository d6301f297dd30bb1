package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import java.util.EnumSet;
import java.util.List;

/** Requests for certificates. */
final class CertificateKinds {
  private CertificateKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    StandardStrategy strategy =
        new StandardStrategy(kinds.schema("CertificateSigningRequest"), true, false);
    return List.of(
        kinds
            .declare("CertificateSigningRequest", strategy)
            .clusterScoped()
            .shortNames("csr")
            .selectableFields(SelectableFields.and("spec.signerName"))
            .status()
            .subresources(
                new Subresource.Edit(
                    "approval", EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE), strategy))
            .build());
  }
}
