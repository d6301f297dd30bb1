package dev.coxswain.scheduler.model;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads Node objects. */
public final class NodeReader {
  private NodeReader() {}

  /** The node as the scheduler sees it. */
  public static NodeSpec read(Node node) {
    Map<String, Quantity> allocatable =
        node.getStatus() == null || node.getStatus().getAllocatable() == null
            ? Map.of()
            : node.getStatus().getAllocatable();
    return new NodeSpec(
        node.getMetadata().getName(),
        orEmpty(node.getMetadata().getLabels()),
        node.getSpec() == null
            ? List.of()
            : Lists.orEmpty(node.getSpec().getTaints()).stream()
                .map(taint ->
                    new Taint(
                        taint.getKey(),
                        Objects.requireNonNullElse(taint.getValue(), ""),
                        taint.getEffect()))
                .toList(),
        node.getSpec() != null && Boolean.TRUE.equals(node.getSpec().getUnschedulable()),
        Quantities.resources(allocatable),
        (int) Math.min(Integer.MAX_VALUE, Quantities.whole(allocatable.get("pods"))),
        images(node));
  }

  private static Map<String, Long> images(Node node) {
    Map<String, Long> images = new HashMap<>();
    if (node.getStatus() != null) {
      for (ContainerImage image : Lists.orEmpty(node.getStatus().getImages())) {
        for (String name : Lists.orEmpty(image.getNames())) {
          images.put(name, image.getSizeBytes() == null ? 0L : image.getSizeBytes());
        }
      }
    }
    return images;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> labels) {
    return labels == null ? Map.of() : labels;
  }
}
