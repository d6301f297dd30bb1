package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.health.ComponentStatuses;
import dev.coxswain.apiserver.kinds.cluster.ClusterColumns;
import dev.coxswain.apiserver.kinds.cluster.LimitRangeStrategy;
import dev.coxswain.apiserver.kinds.cluster.NamespaceStrategy;
import dev.coxswain.apiserver.kinds.cluster.NodeStrategy;
import dev.coxswain.apiserver.kinds.cluster.QuotaStrategy;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.data.DataStrategy;
import dev.coxswain.apiserver.kinds.event.EventColumns;
import dev.coxswain.apiserver.kinds.event.EventStrategy;
import dev.coxswain.apiserver.kinds.pod.PodColumns;
import dev.coxswain.apiserver.kinds.pod.PodEdits;
import dev.coxswain.apiserver.kinds.pod.PodResize;
import dev.coxswain.apiserver.kinds.pod.PodStrategy;
import dev.coxswain.apiserver.kinds.service.EndpointsStrategy;
import dev.coxswain.apiserver.kinds.service.ServiceColumns;
import dev.coxswain.apiserver.kinds.service.ServiceStrategy;
import dev.coxswain.apiserver.kinds.storage.ClaimStrategy;
import dev.coxswain.apiserver.kinds.storage.StorageColumns;
import dev.coxswain.apiserver.kinds.storage.VolumeStrategy;
import dev.coxswain.apiserver.kinds.workload.PodTemplateStrategy;
import dev.coxswain.apiserver.kinds.workload.ReplicationControllerStrategy;
import dev.coxswain.apiserver.kinds.workload.WorkloadColumns;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/** The core group. */
final class CoreKinds {
  private CoreKinds() {}

  private static GroupVersionKind core(String kind) {
    return new GroupVersionKind("", "v1", kind);
  }

  private static Subresource proxy(String kind) {
    Set<Verb> verbs = EnumSet.of(Verb.CREATE, Verb.DELETE, Verb.GET, Verb.PATCH, Verb.UPDATE);
    return new Subresource.Connect("proxy", core(kind), verbs, List.of("path"));
  }

  private static Subresource stream(String name, String kind, String... parameters) {
    return new Subresource.Connect(
        name, core(kind), EnumSet.of(Verb.CREATE, Verb.GET), List.of(parameters));
  }

  private static Subresource edit(String name, Strategy strategy) {
    return new Subresource.Edit(name, EnumSet.of(Verb.GET, Verb.PATCH, Verb.UPDATE), strategy);
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds.review("Binding").build(),
        kinds
            .plain("ComponentStatus")
            .plural("componentstatuses")
            .shortNames("cs")
            .clusterScoped()
            .notStored()
            .columns(ComponentStatuses.columns())
            .deprecation("v1 ComponentStatus is deprecated in v1.19+")
            .verbs(Verb.GET, Verb.LIST)
            .build(),
        kinds
            .declare("ConfigMap", new DataStrategy(kinds.schema("ConfigMap"), false))
            .shortNames("cm")
            .columns(
                Columns.named(
                    Columns.number("Data", "How many entries there are.", CoreKinds::entries),
                    Columns.age()))
            .build(),
        kinds
            .declare("Endpoints", new EndpointsStrategy(kinds.schema("Endpoints"), false))
            .plural("endpoints")
            .deprecation(
                "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
            .shortNames("ep")
            .columns(ServiceColumns.endpoints())
            .build(),
        kinds
            .declare("Event", new EventStrategy(kinds.schema("Event"), "involvedObject"))
            .shortNames("ev")
            .columns(EventColumns.core())
            .selectableFields(EventKinds.FIELDS)
            .build(),
        kinds
            .declare("LimitRange", new LimitRangeStrategy(kinds.schema("LimitRange")))
            .columns(Columns.name(), Columns.createdAt())
            .shortNames("limits")
            .build(),
        namespaces(kinds),
        nodes(kinds),
        kinds
            .declare(
                "PersistentVolumeClaim", new ClaimStrategy(kinds.schema("PersistentVolumeClaim")))
            .columns(StorageColumns.claims())
            .status()
            .shortNames("pvc")
            .build(),
        kinds
            .declare("PersistentVolume", new VolumeStrategy(kinds.schema("PersistentVolume")))
            .columns(StorageColumns.volume())
            .status()
            .shortNames("pv")
            .clusterScoped()
            .build(),
        pods(kinds),
        kinds
            .declare("PodTemplate", new PodTemplateStrategy(kinds.schema("PodTemplate")))
            .columns(WorkloadColumns.podTemplate())
            .build(),
        kinds
            .declare(
                "ReplicationController",
                new ReplicationControllerStrategy(kinds.schema("ReplicationController")))
            .columns(WorkloadColumns.replicationController())
            .status()
            .shortNames("rc")
            .categories("all")
            .selectableFields(
                SelectableFields.and("status.replicas").otherwise("status.replicas", "0"))
            .subresources(
                new Subresource.Scale(".spec.replicas", ".status.replicas", ".spec.selector"))
            .build(),
        kinds
            .declare("ResourceQuota", new QuotaStrategy(kinds.schema("ResourceQuota")))
            .status()
            .columns(
                Columns.named(
                    Columns.text(
                        "Request", "What is used of what may be requested.", q -> usage(q, false)),
                    Columns.text("Limit", "What is used of the limits.", q -> usage(q, true)),
                    Columns.age()))
            .shortNames("quota")
            .build(),
        kinds
            .declare("Secret", new DataStrategy(kinds.schema("Secret"), true))
            .columns(
                Columns.named(
                    Columns.text("Type", "What the data is for.", s -> Json.text(s, "type")),
                    Columns.number("Data", "How many entries there are.", CoreKinds::entries),
                    Columns.age()))
            .selectableFields(SelectableFields.and("type"))
            .build(),
        kinds
            .plain("ServiceAccount")
            .shortNames("sa")
            .columns(
                Columns.named(
                    Columns.number(
                        "Secrets", "How many secrets belong to it.", s -> s.path("secrets").size()),
                    Columns.age()))
            .subresources(
                new Subresource.Action(
                    "token", new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest")))
            .build(),
        kinds
            .declare("Service", new ServiceStrategy(kinds.schema("Service")))
            .columns(ServiceColumns.service())
            .status()
            .shortNames("svc")
            .categories("all")
            .selectableFields(SelectableFields.and("spec.clusterIP", "spec.type"))
            .subresources(proxy("ServiceProxyOptions"))
            .build());
  }

  private static ResourceType namespaces(Kinds kinds) {
    return kinds
        .declare("Namespace", new NamespaceStrategy(kinds.schema("Namespace")))
        .columns(ClusterColumns.namespace())
        .clusterScoped()
        .shortNames("ns")
        .verbs(Verb.CREATE, Verb.DELETE, Verb.GET, Verb.LIST, Verb.PATCH, Verb.UPDATE, Verb.WATCH)
        .selectableFields(SelectableFields.and("status.phase").alias("name", "metadata.name"))
        .status()
        .subresources(
            new Subresource.Edit(
                "finalize", EnumSet.of(Verb.UPDATE), NamespaceStrategy.finalizing()))
        .build();
  }

  private static ResourceType nodes(Kinds kinds) {
    return kinds
        .declare("Node", new NodeStrategy(kinds.schema("Node")))
        .columns(ClusterColumns.node())
        .status()
        .clusterScoped()
        .shortNames("no")
        .selectableFields(
            SelectableFields.and("spec.unschedulable").otherwise("spec.unschedulable", "false"))
        .subresources(proxy("NodeProxyOptions"))
        .build();
  }

  private static ResourceType pods(Kinds kinds) {
    Schema schema = kinds.schema("Pod");
    return kinds
        .declare("Pod", new PodStrategy(schema))
        .columns(PodColumns.columns())
        .shortNames("po")
        .categories("all")
        .selectableFields(
            SelectableFields.and(
                    "spec.nodeName",
                    "spec.restartPolicy",
                    "spec.schedulerName",
                    "spec.serviceAccountName",
                    "spec.hostNetwork",
                    "status.phase",
                    "status.podIP",
                    "status.nominatedNodeName")
                .otherwise("spec.hostNetwork", "false"))
        .status()
        .subresources(
            stream("attach", "PodAttachOptions", "container", "stderr", "stdin", "stdout", "tty"),
            new Subresource.Action("binding", core("Binding")),
            edit("ephemeralcontainers", PodEdits.ephemeralContainers(schema)),
            new Subresource.Action("eviction", new GroupVersionKind("policy", "v1", "Eviction")),
            stream(
                "exec",
                "PodExecOptions",
                "command",
                "container",
                "stderr",
                "stdin",
                "stdout",
                "tty"),
            new Subresource.Connect(
                "log",
                core("Pod"),
                EnumSet.of(Verb.GET),
                List.of(
                    "container",
                    "follow",
                    "insecureSkipTLSVerifyBackend",
                    "limitBytes",
                    "pretty",
                    "previous",
                    "sinceSeconds",
                    "sinceTime",
                    "stream",
                    "tailLines",
                    "timestamps")),
            stream("portforward", "PodPortForwardOptions", "ports"),
            proxy("PodProxyOptions"),
            edit("resize", new PodResize(schema)))
        .build();
  }

  private static int entries(ObjectNode object) {
    return object.path("data").size() + object.path("binaryData").size();
  }

  /** Of what used of what, such as {@code requests.cpu: 1/4}; limits and the rest are apart. */
  private static String usage(ObjectNode quota, boolean limits) {
    List<String> parts = new ArrayList<>();
    for (String name : new TreeSet<>(Json.at(quota, "status", "hard").propertyNames())) {
      if (name.startsWith("limits.") == limits) {
        parts.add(
            name
                + ": "
                + Json.text(quota.path("status").path("used"), name)
                + "/"
                + Json.text(quota.path("status").path("hard"), name));
      }
    }
    return String.join(", ", parts);
  }
}
