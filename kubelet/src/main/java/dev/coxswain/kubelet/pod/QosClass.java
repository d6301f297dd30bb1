package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
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

  /** The class of a pod: by what it says for itself, else by its containers. */
  public static QosClass of(PodSpec spec) {
    boolean anything = false;
    boolean guaranteed = true;
    for (ResourceRequirements resources : counted(spec)) {
      for (String resource : RESOURCES) {
        @Nullable Quantity request = amount(resources.getRequests(), resource);
        @Nullable Quantity limit = amount(resources.getLimits(), resource);
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

  private static List<ResourceRequirements> counted(PodSpec spec) {
    @Nullable ResourceRequirements whole = spec.getResources();
    if (whole != null && (says(whole.getRequests()) || says(whole.getLimits()))) {
      return List.of(whole);
    }
    return Stream.concat(spec.getInitContainers().stream(), spec.getContainers().stream())
        .map(container ->
            container.getResources() == null
                ? new ResourceRequirements()
                : container.getResources())
        .toList();
  }

  private static boolean says(@Nullable Map<String, Quantity> amounts) {
    return RESOURCES.stream().anyMatch(resource -> amount(amounts, resource) != null);
  }

  private static @Nullable Quantity amount(
      @Nullable Map<String, Quantity> amounts, String resource) {
    return amounts == null ? null : amounts.get(resource);
  }

  private static boolean positive(@Nullable Quantity quantity) {
    return quantity != null && amount(quantity).signum() > 0;
  }

  private static java.math.BigDecimal amount(Quantity quantity) {
    return Quantity.getAmountInBytes(quantity);
  }
}
