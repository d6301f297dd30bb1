package dev.coxswain.kubelet.volume;

import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * On which nodes a persistent volume can be had, as far as its node affinity names nodes. What it
 * asks of other labels is the scheduler's to judge, and lets every node pass here.
 */
final class VolumeAffinity {
  private static final String HOST_NAME = "kubernetes.io/hostname";
  private static final String NAME = "metadata.name";

  private VolumeAffinity() {}

  /** Whether one of the volume's terms lets the node pass; a volume without any can be anywhere. */
  static boolean admits(PersistentVolume volume, String node) {
    var affinity = volume.getSpec().getNodeAffinity();
    return affinity == null
        || affinity.getRequired() == null
        || list(affinity.getRequired().getNodeSelectorTerms()).stream()
            .anyMatch(term -> admits(term, node));
  }

  private static boolean admits(NodeSelectorTerm term, String node) {
    return list(term.getMatchFields()).stream().allMatch(field -> admits(field, NAME, node))
        && list(term.getMatchExpressions()).stream()
            .allMatch(label -> admits(label, HOST_NAME, node));
  }

  private static boolean admits(NodeSelectorRequirement requirement, String key, String node) {
    return !requirement.getKey().equals(key)
        || switch (requirement.getOperator()) {
          case "In" -> list(requirement.getValues()).contains(node);
          case "NotIn" -> !list(requirement.getValues()).contains(node);
          default -> true;
        };
  }

  private static <E> List<E> list(@Nullable List<E> values) {
    return values == null ? List.of() : values;
  }
}
