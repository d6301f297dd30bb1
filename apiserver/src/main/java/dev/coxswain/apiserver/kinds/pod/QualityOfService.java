package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** How much a pod can rely on what it asks for, which decides who is evicted first. */
final class QualityOfService {
  private static final List<String> COUNTED = List.of("cpu", "memory");

  private QualityOfService() {}

  /**
   * {@code Guaranteed} where every container has limits for cpu and memory that equal its requests,
   * {@code BestEffort} where none has either, {@code Burstable} otherwise.
   */
  static String of(JsonNode spec) {
    if (!Json.at(spec, "resources", "limits").isEmpty()
        || !Json.at(spec, "resources", "requests").isEmpty()) {
      return guaranteed(spec) ? "Guaranteed" : "Burstable";
    }
    boolean any = false;
    boolean all = true;
    for (String list : List.of("initContainers", "containers")) {
      for (JsonNode container : spec.path(list)) {
        any |= asks(container);
        all &= guaranteed(container);
      }
    }
    if (!any) {
      return "BestEffort";
    }
    return all ? "Guaranteed" : "Burstable";
  }

  private static boolean asks(JsonNode holder) {
    return COUNTED.stream()
        .anyMatch(name -> amount(holder, "limits", name) + amount(holder, "requests", name) > 0);
  }

  private static boolean guaranteed(JsonNode holder) {
    return COUNTED.stream()
        .allMatch(name -> {
          long limit = amount(holder, "limits", name);
          boolean requested = Json.at(holder, "resources", "requests", name).isString();
          return limit > 0 && (!requested || limit == amount(holder, "requests", name));
        });
  }

  private static long amount(JsonNode holder, String kind, String name) {
    String text = Json.text(holder, "resources", kind, name);
    try {
      return text.isEmpty() ? 0 : Quantity.parse(text).milli();
    } catch (IllegalArgumentException malformed) {
      return 0;
    }
  }
}
