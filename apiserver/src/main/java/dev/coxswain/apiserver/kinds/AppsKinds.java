package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.workload.DaemonSetStrategy;
import dev.coxswain.apiserver.kinds.workload.DeploymentStrategy;
import dev.coxswain.apiserver.kinds.workload.ReplicaSetStrategy;
import dev.coxswain.apiserver.kinds.workload.RevisionStrategy;
import dev.coxswain.apiserver.kinds.workload.StatefulSetStrategy;
import dev.coxswain.apiserver.kinds.workload.WorkloadColumns;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;

/** Workloads that run pods. */
final class AppsKinds {
  private AppsKinds() {}

  private static Subresource scale(String selector) {
    return new Subresource.Scale(".spec.replicas", ".status.replicas", selector);
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("ControllerRevision", new RevisionStrategy(kinds.schema("ControllerRevision")))
            .columns(
                Columns.named(
                    Columns.text("Controller", "Whose revision it is.", AppsKinds::controller),
                    Columns.number("Revision", "The number of the revision.", "revision"),
                    Columns.age()))
            .build(),
        kinds
            .declare("DaemonSet", new DaemonSetStrategy(kinds.schema("DaemonSet")))
            .shortNames("ds")
            .categories("all")
            .columns(WorkloadColumns.daemonSet())
            .status()
            .build(),
        kinds
            .declare("Deployment", new DeploymentStrategy(kinds.schema("Deployment")))
            .shortNames("deploy")
            .categories("all")
            .columns(WorkloadColumns.deployment())
            .subresources(scale(".spec.selector"))
            .status()
            .build(),
        kinds
            .declare("ReplicaSet", new ReplicaSetStrategy(kinds.schema("ReplicaSet")))
            .shortNames("rs")
            .categories("all")
            .columns(WorkloadColumns.replicaSet())
            .selectableFields(
                SelectableFields.and("status.replicas").otherwise("status.replicas", "0"))
            .subresources(scale(".spec.selector"))
            .status()
            .build(),
        kinds
            .declare("StatefulSet", new StatefulSetStrategy(kinds.schema("StatefulSet")))
            .shortNames("sts")
            .categories("all")
            .columns(WorkloadColumns.statefulSet())
            .subresources(scale(".spec.selector"))
            .status()
            .build());
  }

  private static String controller(tools.jackson.databind.node.ObjectNode revision) {
    for (var owner : revision.path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean(false)) {
        String version = owner.path("apiVersion").asString("");
        int slash = version.indexOf('/');
        String group = slash < 0 ? "" : "." + version.substring(0, slash);
        return owner.path("kind").asString("").toLowerCase(java.util.Locale.ROOT)
            + group
            + "/"
            + owner.path("name").asString("");
      }
    }
    return Columns.orNone("");
  }
}
