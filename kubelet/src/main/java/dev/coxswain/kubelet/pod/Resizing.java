package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerResizePolicy;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What running containers still have and what the spec has come to give them (KEP-1287). */
final class Resizing {
  private static final List<String> RESOURCES = List.of("cpu", "memory");

  private Resizing() {}

  /** The running containers whose resources are not those of the spec. */
  static List<PodAction.Resize.Target> pending(PodView view) {
    List<PodAction.Resize.Target> targets = new ArrayList<>();
    for (Member member : Member.of(view.pod())) {
      Optional<ContainerView> running =
          view.newest(member.name())
              .filter(newest -> newest.state() == ContainerView.State.RUNNING);
      if (running.isPresent() && differs(view, running.get(), member)) {
        targets.add(
            new PodAction.Resize.Target(
                running.get().id(), member.name(), wanted(member.container())));
      }
    }
    return targets;
  }

  /** Those of them that get theirs while they run; the others' successors begin with it. */
  static List<PodAction.Resize.Target> inPlace(PodView view) {
    return pending(view).stream()
        .filter(target ->
            Member.find(view.pod(), target.name())
                .flatMap(member ->
                    view.newest(target.name())
                        .filter(container -> restarts(view, container, member)))
                .isEmpty())
        .toList();
  }

  /** Whether the change of a container's resources asks for its restart. */
  static boolean restarts(PodView view, ContainerView container, Member member) {
    @Nullable ResourceRequirements has = view.resources(container);
    if (has == null) {
      return false;
    }
    ResourceRequirements wanted = wanted(member.container());
    for (ContainerResizePolicy policy : member.container().getResizePolicy()) {
      String resource = policy.getResourceName();
      boolean same =
          same(has.getRequests(), wanted.getRequests(), resource)
              && same(has.getLimits(), wanted.getLimits(), resource);
      if ("RestartContainer".equals(policy.getRestartPolicy()) && !same) {
        return true;
      }
    }
    return false;
  }

  /** What the spec gives a container. */
  static ResourceRequirements wanted(Container container) {
    return container.getResources() == null ? new ResourceRequirements() : container.getResources();
  }

  private static boolean differs(PodView view, ContainerView container, Member member) {
    @Nullable ResourceRequirements has = view.resources(container);
    if (has == null) {
      return false;
    }
    ResourceRequirements wanted = wanted(member.container());
    return !same(has, wanted);
  }

  /** Whether both ask for the same of what can be resized. */
  static boolean same(ResourceRequirements one, ResourceRequirements other) {
    return same(one.getRequests(), other.getRequests()) && same(one.getLimits(), other.getLimits());
  }

  static boolean same(@Nullable Map<String, Quantity> one, @Nullable Map<String, Quantity> other) {
    return RESOURCES.stream().allMatch(resource -> same(one, other, resource));
  }

  private static boolean same(
      @Nullable Map<String, Quantity> one, @Nullable Map<String, Quantity> other, String resource) {
    return amount(one, resource).equals(amount(other, resource));
  }

  /** Without the scale by which equal amounts would differ. */
  private static Optional<BigDecimal> amount(
      @Nullable Map<String, Quantity> amounts, String resource) {
    return Optional.ofNullable(amounts(amounts).get(resource))
        .map(quantity -> Quantity.getAmountInBytes(quantity).stripTrailingZeros());
  }

  private static Map<String, Quantity> amounts(@Nullable Map<String, Quantity> amounts) {
    return amounts == null ? new LinkedHashMap<>() : amounts;
  }
}
