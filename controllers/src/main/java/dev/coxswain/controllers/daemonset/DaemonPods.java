package dev.coxswain.controllers.daemonset;

import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.PodTemplates;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.node.NodeFit;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The pods of a DaemonSet: for which node each is, and on which nodes there should be one. */
final class DaemonPods {
  private static final String NODE_NAME = "metadata.name";

  private DaemonPods() {}

  /** What a node is to a DaemonSet. */
  enum Place {
    /** There should be a pod. */
    WANTED,
    /** One that is there may stay; no new one comes. */
    TOLERATED,
    /** There must be none. */
    REFUSED
  }

  static Place place(DaemonSet set, Node node) {
    PodSpec spec = set.getSpec().getTemplate().getSpec();
    String pinned = Meta.text(spec.getNodeName());
    if ((!pinned.isEmpty() && !pinned.equals(Meta.name(node))) || !NodeFit.selects(spec, node)) {
      return Place.REFUSED;
    }
    List<Toleration> tolerations = tolerations(spec);
    List<Taint> untolerated =
        Nodes.taints(node).stream()
            .filter(taint -> !"PreferNoSchedule".equals(taint.getEffect()))
            .filter(taint -> !NodeFit.tolerated(taint, tolerations))
            .toList();
    if (untolerated.isEmpty()) {
      return Place.WANTED;
    }
    return untolerated.stream().anyMatch(taint -> "NoExecute".equals(taint.getEffect()))
        ? Place.REFUSED
        : Place.TOLERATED;
  }

  /** The node that a pod is on, or is meant for while it waits for the scheduler. */
  static String node(Pod pod) {
    if (!Pods.node(pod).isEmpty()) {
      return Pods.node(pod);
    }
    var affinity = pod.getSpec().getAffinity();
    var required =
        affinity == null || affinity.getNodeAffinity() == null
            ? null
            : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    return required == null
        ? ""
        : Meta.list(required.getNodeSelectorTerms()).stream()
            .flatMap(term -> Meta.list(term.getMatchFields()).stream())
            .filter(field -> NODE_NAME.equals(field.getKey()) && "In".equals(field.getOperator()))
            .map(field -> field.getValues().getFirst())
            .findFirst()
            .orElse("");
  }

  /** A new pod that the scheduler can bind to that node only. */
  static Pod create(DaemonSet set, String node, String revisionHash, String name) {
    Pod pod =
        PodTemplates.pod(set.getSpec().getTemplate(), set, name)
            .editMetadata()
            .addToLabels(History.LABEL, revisionHash)
            .endMetadata()
            .editSpec()
            .withTolerations(tolerations(set.getSpec().getTemplate().getSpec()))
            .editOrNewAffinity()
            .editOrNewNodeAffinity()
            .withNewRequiredDuringSchedulingIgnoredDuringExecution()
            .withNodeSelectorTerms(terms(set, node))
            .endRequiredDuringSchedulingIgnoredDuringExecution()
            .endNodeAffinity()
            .endAffinity()
            .endSpec()
            .build();
    return pod;
  }

  /** The template's own terms, each narrowed to the node. */
  private static List<NodeSelectorTerm> terms(DaemonSet set, String node) {
    var affinity = set.getSpec().getTemplate().getSpec().getAffinity();
    var required =
        affinity == null || affinity.getNodeAffinity() == null
            ? null
            : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    List<NodeSelectorTerm> own =
        required == null
            ? List.of(new NodeSelectorTerm())
            : Meta.list(required.getNodeSelectorTerms());
    return own.stream()
        .map(term ->
            new NodeSelectorTermBuilder(term)
                .withMatchFields()
                .addNewMatchField()
                .withKey(NODE_NAME)
                .withOperator("In")
                .withValues(node)
                .endMatchField()
                .build())
        .toList();
  }

  /** A daemon serves its node in trouble too: it tolerates what the node's conditions taint. */
  private static List<Toleration> tolerations(PodSpec spec) {
    var all = new ArrayList<>(Meta.list(spec.getTolerations()));
    add(all, "node.kubernetes.io/not-ready", "NoExecute");
    add(all, "node.kubernetes.io/unreachable", "NoExecute");
    Stream.of("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")
        .forEach(condition -> add(all, "node.kubernetes.io/" + condition, "NoSchedule"));
    if (Boolean.TRUE.equals(spec.getHostNetwork())) {
      add(all, "node.kubernetes.io/network-unavailable", "NoSchedule");
    }
    return all;
  }

  /**
   * Adds a toleration, or puts it in place of one that is the same but for its time: of two that
   * tolerate a taint the first would count, and the daemon be driven out.
   */
  private static void add(List<Toleration> all, String key, String effect) {
    Toleration added =
        new TolerationBuilder().withKey(key).withOperator("Exists").withEffect(effect).build();
    if (all.stream().noneMatch(toleration -> sameButForTime(toleration, added))) {
      all.add(added);
    } else {
      all.replaceAll(toleration -> sameButForTime(toleration, added) ? added : toleration);
    }
  }

  private static boolean sameButForTime(Toleration one, Toleration other) {
    return Meta.text(one.getKey()).equals(Meta.text(other.getKey()))
        && Meta.text(one.getOperator()).equals(Meta.text(other.getOperator()))
        && Meta.text(one.getEffect()).equals(Meta.text(other.getEffect()))
        && Meta.text(one.getValue()).equals(Meta.text(other.getValue()));
  }
}
