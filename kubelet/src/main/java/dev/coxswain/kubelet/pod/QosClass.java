package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a pod ranks when the node runs short, from its requests and limits for CPU and memory. */
public enum QosClass {
  GUARANTEED("Guaranteed"),
  BURSTABLE("Burstable"),
  BEST_EFFORT("BestEffort");

  private static final List<String> RESOURCES = List.of("cpu", "memory");

  private final String text;

  QosClass(String text) {
    this.text = text;
  }

  /** As the API spells it. */
  public String text() {
    return text;
  }

  /** The class of a pod. */
  public static QosClass of(PodSpec spec) {
    boolean anything = false;
    boolean guaranteed = true;
    List<Container> containers =
        Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream()).toList();
    for (Container container : containers) {
      for (String resource : RESOURCES) {
        @Nullable Quantity request = request(container, resource);
        @Nullable Quantity limit = limit(container, resource);
        anything |= positive(request) || positive(limit);
        guaranteed &=
            limit != null
                && positive(limit)
                && (request == null || amount(request).compareTo(amount(limit)) == 0);
      }
    }
    if (!anything) {
      return BEST_EFFORT;
    }
    return guaranteed ? GUARANTEED : BURSTABLE;
  }

  private static @Nullable Quantity request(Container container, String resource) {
    Map<String, Quantity> requests =
        container.getResources() == null ? null : container.getResources().getRequests();
    return requests == null ? null : requests.get(resource);
  }

  private static @Nullable Quantity limit(Container container, String resource) {
    Map<String, Quantity> limits =
        container.getResources() == null ? null : container.getResources().getLimits();
    return limits == null ? null : limits.get(resource);
  }

  private static boolean positive(@Nullable Quantity quantity) {
    return quantity != null && amount(quantity).signum() > 0;
  }

  private static java.math.BigDecimal amount(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity);
  }
}
