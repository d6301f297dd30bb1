package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import java.util.List;

/** Workloads that run pods. */
final class AppsKinds {
  private AppsKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.plain("ControllerRevision").build(),
        kinds.generationalWithStatus("DaemonSet").shortNames("ds").categories("all").build(),
        kinds
            .generationalWithStatus("Deployment")
            .shortNames("deploy")
            .categories("all")
            .subresources(
                new Subresource.Scale(".spec.replicas", ".status.replicas", ".spec.selector"))
            .build(),
        kinds
            .generationalWithStatus("ReplicaSet")
            .shortNames("rs")
            .categories("all")
            .subresources(
                new Subresource.Scale(".spec.replicas", ".status.replicas", ".spec.selector"))
            .build(),
        kinds
            .generationalWithStatus("StatefulSet")
            .shortNames("sts")
            .categories("all")
            .subresources(
                new Subresource.Scale(".spec.replicas", ".status.replicas", ".spec.selector"))
            .build());
  }
}
