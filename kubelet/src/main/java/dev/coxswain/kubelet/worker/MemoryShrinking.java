package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.pod.ContainerKind;
import dev.coxswain.kubelet.pod.Member;
import dev.coxswain.kubelet.pod.PodAction;
import dev.coxswain.proto.cri.ContainerStats;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether containers use more memory than a resize would leave them: the kernel would kill
 * processes for it, or refuse. Pure.
 */
final class MemoryShrinking {
  private MemoryShrinking() {}

  /**
   * Why the limits cannot be set, in upstream's words. A limit that grows is never below the usage.
   *
   * @param pod with the new limits
   * @param stats of this pod's containers and perhaps others
   */
  static Optional<String> refusal(
      Pod pod, List<PodAction.Resize.Target> targets, List<ContainerStats> stats) {
    List<String> refusals = new ArrayList<>();
    OptionalLong whole = podLimit(pod);
    long podUsage =
        stats.stream()
            .filter(one ->
                pod.getMetadata()
                    .getUid()
                    .equals(one.getAttributes().getLabelsMap().get(CriLabels.POD_UID)))
            .mapToLong(MemoryShrinking::usage)
            .sum();
    if (whole.isPresent() && podUsage > whole.getAsLong()) {
      refusals.add(refusal("pod", whole.getAsLong(), podUsage));
    }
    for (PodAction.Resize.Target target : targets) {
      OptionalLong limit = limit(target.resources());
      long usage =
          stats.stream()
              .filter(one -> one.getAttributes().getId().equals(target.id()))
              .mapToLong(MemoryShrinking::usage)
              .sum();
      if (limit.isPresent() && usage > limit.getAsLong()) {
        refusals.add(refusal("container \"" + target.name() + "\"", limit.getAsLong(), usage));
      }
    }
    return refusals.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "cannot decrease memory limits: "
                + (refusals.size() == 1 ? refusals.getFirst() : refusals.toString()));
  }

  private static String refusal(String what, long limit, long usage) {
    return "attempting to set "
        + what
        + " memory limit ("
        + limit
        + ") below current usage ("
        + usage
        + ")";
  }

  /** All its containers' limits together; none where one has none. */
  private static OptionalLong podLimit(Pod pod) {
    long sum = 0;
    for (Member member : Member.of(pod)) {
      boolean stays = member.kind() == ContainerKind.MAIN || member.kind() == ContainerKind.SIDECAR;
      Container container = member.container();
      OptionalLong limit =
          container.getResources() == null ? OptionalLong.empty() : limit(container.getResources());
      if (stays && limit.isEmpty()) {
        return OptionalLong.empty();
      }
      sum += stays ? limit.getAsLong() : 0;
    }
    return OptionalLong.of(sum);
  }

  private static OptionalLong limit(ResourceRequirements resources) {
    @Nullable Quantity limit =
        resources.getLimits() == null ? null : resources.getLimits().get("memory");
    return limit == null
        ? OptionalLong.empty()
        : OptionalLong.of(Quantity.getAmountInBytes(limit).longValue());
  }

  private static long usage(ContainerStats stats) {
    return stats.getMemory().getUsageBytes().getValue();
  }
}
