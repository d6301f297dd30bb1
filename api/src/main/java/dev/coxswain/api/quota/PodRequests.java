package dev.coxswain.api.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a pod asks for as a whole: its containers run together with its sidecars, its other init
 * containers one after the other before them; what its own resources say comes first, and its
 * overhead is added.
 */
public final class PodRequests {
  private static final List<String> FIELDS = List.of("requests", "limits");

  private PodRequests() {}

  /**
   * The sum by resource name.
   *
   * @param pod the pod as JSON
   * @param field {@code requests} or {@code limits}
   */
  public static Map<String, Quantity> of(JsonNode pod, String field) {
    JsonNode spec = pod.path("spec");
    Map<String, Quantity> whole = ofContainers(spec, field);
    whole.putAll(amounts(spec, field));
    Map<String, Quantity> overhead = quantities(spec.path("overhead"));
    overhead.forEach((name, amount) -> {
      // A limit that is not set stays unset.
      if (field.equals("requests") || whole.containsKey(name)) {
        whole.merge(name, amount, Quantity::add);
      }
    });
    return whole;
  }

  /** What the containers ask for, whatever the pod says for itself, and without its overhead. */
  public static Map<String, Quantity> ofContainers(JsonNode spec, String field) {
    Map<String, Quantity> running = new TreeMap<>();
    for (JsonNode container : spec.path("containers")) {
      add(running, amounts(container, field));
    }
    Map<String, Quantity> sidecars = new HashMap<>();
    Map<String, Quantity> starting = new HashMap<>();
    for (JsonNode init : spec.path("initContainers")) {
      Map<String, Quantity> own = amounts(init, field);
      if (Json.text(init, "restartPolicy").equals("Always")) {
        add(running, own);
        add(sidecars, own);
        raise(starting, sidecars);
      } else {
        var together = new HashMap<>(sidecars);
        add(together, own);
        raise(starting, together);
      }
    }
    raise(running, starting);
    return running;
  }

  /**
   * Whether nothing of the pod asks for, or is limited to, any processor or memory. What its
   * runtime needs on top is not asked for by the pod.
   */
  public static boolean bestEffort(JsonNode pod) {
    JsonNode spec = pod.path("spec");
    return FIELDS.stream()
        .flatMap(field -> Stream.of(ofContainers(spec, field), amounts(spec, field)))
        .flatMap(amounts -> amounts.entrySet().stream())
        .noneMatch(PodRequests::counts);
  }

  /** Whether the pod says for itself, as a whole, how much it wants or may have. */
  public static boolean ofItsOwn(JsonNode pod) {
    return FIELDS.stream()
        .flatMap(field -> amounts(pod.path("spec"), field).keySet().stream())
        .anyMatch(
            name -> name.equals("cpu") || name.equals("memory") || name.startsWith("hugepages-"));
  }

  private static boolean counts(Map.Entry<String, Quantity> amount) {
    return (amount.getKey().equals("cpu") || amount.getKey().equals("memory"))
        && amount.getValue().signum() != 0;
  }

  private static Map<String, Quantity> amounts(JsonNode holder, String field) {
    return quantities(Json.at(holder, "resources", field));
  }

  static Map<String, Quantity> quantities(JsonNode amounts) {
    var quantities = new HashMap<String, Quantity>();
    for (String name : amounts.propertyNames()) {
      quantities.put(name, Quantity.parse(amounts.path(name).asString()));
    }
    return quantities;
  }

  private static void add(Map<String, Quantity> sum, Map<String, Quantity> amounts) {
    amounts.forEach((name, amount) -> sum.merge(name, amount, Quantity::add));
  }

  private static void raise(Map<String, Quantity> sum, Map<String, Quantity> amounts) {
    amounts.forEach((name, amount) ->
        sum.merge(name, amount, (one, other) -> one.compareTo(other) >= 0 ? one : other));
  }
}
