package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a pod was given of the resources that its spec asks for: while a resize waits for room these
 * are not the same (KEP-1287). Pure.
 */
public final class Allocation {
  private Allocation() {}

  /** The pod as it was admitted or last resized, by what its status tells of it. */
  public static Pod remembered(Pod pod) {
    if (pod.getStatus() == null || pod.getStatus().getStartTime() == null) {
      return pod;
    }
    return with(
        pod,
        container -> {
          @Nullable ContainerStatus told =
              ContainerStatuses.find(pod.getStatus(), container.getName());
          ResourceRequirements asked = Resizing.wanted(container);
          // Requests are what room is made for: where they are granted, so are the limits.
          return told == null
                  || told.getResources() == null
                  || Resizing.same(told.getAllocatedResources(), asked.getRequests())
              ? asked
              : told.getResources();
        });
  }

  /** The one pod with the resources of the other's containers. */
  static Pod of(Pod shown, Pod given) {
    return with(
        shown,
        container ->
            Member.find(given, container.getName())
                .map(member -> Resizing.wanted(member.container()))
                .orElseGet(() -> Resizing.wanted(container)));
  }

  /** Whether both have the same resources. */
  static boolean same(Pod one, Pod other) {
    return of(one, other).equals(one);
  }

  private static Pod with(Pod pod, Function<Container, ResourceRequirements> given) {
    List<Container> init = with(pod.getSpec().getInitContainers(), given);
    List<Container> main = with(pod.getSpec().getContainers(), given);
    if (init.equals(pod.getSpec().getInitContainers())
        && main.equals(pod.getSpec().getContainers())) {
      return pod;
    }
    return new PodBuilder(pod)
        .editSpec()
        .withInitContainers(init)
        .withContainers(main)
        .endSpec()
        .build();
  }

  private static List<Container> with(
      List<Container> containers, Function<Container, ResourceRequirements> given) {
    return containers.stream()
        .map(container -> {
          ResourceRequirements resources = given.apply(container);
          return Resizing.same(resources, Resizing.wanted(container))
              ? container
              : new ContainerBuilder(container).withResources(resources).build();
        })
        .toList();
  }
}
