package dev.coxswain.scheduler.model;

import java.util.List;
import java.util.Map;

/**
 * Where a pod wants to be; equal for all replicas of a workload.
 *
 * @param nodeSelector labels that the node must carry
 * @param nodeAffinity further conditions on the node
 * @param tolerations which taints it puts up with
 * @param near pods that must be near
 * @param far pods that must not be near
 * @param rather pods that had better be near
 * @param ratherNot pods that had better not be near
 * @param spread how evenly its kind is to be spread
 */
public record Wishes(
    Map<String, String> nodeSelector,
    NodeAffinity nodeAffinity,
    List<Toleration> tolerations,
    List<AffinityTerm> near,
    List<AffinityTerm> far,
    List<AffinityTerm.Weighted> rather,
    List<AffinityTerm.Weighted> ratherNot,
    List<SpreadConstraint> spread) {
  /** No wishes. */
  public static final Wishes NONE =
      new Wishes(
          Map.of(),
          NodeAffinity.NONE,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  public Wishes {
    nodeSelector = Map.copyOf(nodeSelector);
    tolerations = List.copyOf(tolerations);
    near = List.copyOf(near);
    far = List.copyOf(far);
    rather = List.copyOf(rather);
    ratherNot = List.copyOf(ratherNot);
    spread = List.copyOf(spread);
  }

  /** Whether the pod's node selector and required node affinity admit the node. */
  public boolean select(NodeSpec node) {
    for (Map.Entry<String, String> label : nodeSelector.entrySet()) {
      if (!label.getValue().equals(node.labels().get(label.getKey()))) {
        return false;
      }
    }
    return nodeAffinity.allows(node);
  }

  /** Whether every taint that keeps pods away is tolerated. */
  public boolean tolerate(NodeSpec node) {
    for (Taint taint : node.taints()) {
      if (taint.repels() && !Toleration.anyTolerates(tolerations, taint)) {
        return false;
      }
    }
    return true;
  }

  /** Whether other pods' places matter, or this pod's place to others. */
  public boolean concernOtherPods() {
    return !near.isEmpty() || !far.isEmpty() || !rather.isEmpty() || !ratherNot.isEmpty();
  }
}
