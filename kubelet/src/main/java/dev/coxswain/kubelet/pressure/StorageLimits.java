package dev.coxswain.kubelet.pressure;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import dev.coxswain.kubelet.usage.UsageReader;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a pod may write to the node's disk: by volume, as a whole, by container. Pure. */
final class StorageLimits {
  private static final String RESOURCE = "ephemeral-storage";

  private StorageLimits() {}

  /** Whether the pod has any such limit, so that it is worth measuring. */
  static boolean concern(Pod pod) {
    return pod.getSpec().getVolumes().stream().anyMatch(volume -> sizeLimit(volume).isPresent())
        || Stream.concat(
                pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
            .anyMatch(container -> limit(container).isPresent());
  }

  /** The first limit that the pod exceeds, in upstream's words. */
  static Optional<String> exceeded(PodUse use) {
    return volume(use).or(() -> pod(use)).or(() -> container(use));
  }

  private static Optional<String> volume(PodUse use) {
    for (Volume volume : use.pod().getSpec().getVolumes()) {
      Optional<Quantity> limit = sizeLimit(volume);
      @Nullable TreeSize size = use.volumes().get(volume.getName());
      if (limit.isPresent() && size != null && size.bytes() > limit.get().rounded()) {
        return Optional.of(
            "Usage of EmptyDir volume \""
                + volume.getName()
                + "\" exceeds the limit \""
                + limit.get()
                + "\". ");
      }
    }
    return Optional.empty();
  }

  private static Optional<String> pod(PodUse use) {
    @Nullable Quantity limit =
        PodRequests.of(Json.mapper().valueToTree(use.pod()), "limits").get(RESOURCE);
    long used = use.local().bytes() + use.roots().bytes();
    return limit != null && used > limit.rounded()
        ? Optional.of(
            "Pod ephemeral local storage usage exceeds the total limit of containers "
                + limit
                + ". ")
        : Optional.empty();
  }

  private static Optional<String> container(PodUse use) {
    for (Container container : use.pod().getSpec().getContainers()) {
      Optional<Quantity> limit = limit(container);
      long used =
          use.containers().stream()
              .filter(one -> one.name().equals(container.getName()))
              .mapToLong(ContainerUse::storage)
              .sum();
      if (limit.isPresent() && used > limit.get().rounded()) {
        return Optional.of(
            "Container "
                + container.getName()
                + " exceeded its local ephemeral storage limit \""
                + limit.get()
                + "\". ");
      }
    }
    return Optional.empty();
  }

  private static Optional<Quantity> sizeLimit(Volume volume) {
    if (!UsageReader.onDisk(volume) || volume.getEmptyDir().getSizeLimit() == null) {
      return Optional.empty();
    }
    return positive(volume.getEmptyDir().getSizeLimit());
  }

  private static Optional<Quantity> limit(Container container) {
    Map<String, io.fabric8.kubernetes.api.model.Quantity> limits =
        container.getResources() == null ? null : container.getResources().getLimits();
    io.fabric8.kubernetes.api.model.Quantity limit = limits == null ? null : limits.get(RESOURCE);
    return limit == null ? Optional.empty() : positive(limit);
  }

  private static Optional<Quantity> positive(io.fabric8.kubernetes.api.model.Quantity amount) {
    Quantity limit = Quantity.parse(amount.toString());
    return limit.signum() > 0 ? Optional.of(limit) : Optional.empty();
  }
}
