package dev.coxswain.apiserver.usage;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.apiserver.usage.Reading.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What something used over a while.
 *
 * @param until the end of that while
 * @param window how long it was
 * @param nanoCores processors used in the mean, in billionths
 * @param memoryBytes memory at its end
 */
record Use(Instant until, Duration window, long nanoCores, long memoryBytes) {
  private static final long NANOS = 1_000_000_000L;

  /** Between two readings; empty where what was read began anew in between. */
  static Optional<Use> between(@Nullable Counter before, Counter after) {
    if (before == null
        || !after.at().isAfter(before.at())
        || after.cpuNanos() < before.cpuNanos()) {
      return Optional.empty();
    }
    Duration window = Duration.between(before.at(), after.at());
    double cores = (double) (after.cpuNanos() - before.cpuNanos()) / window.toNanos();
    return Optional.of(new Use(after.at(), window, Math.round(cores * NANOS), after.memoryBytes()));
  }

  /** As the API has it, such as {@code {"cpu":"12345678n","memory":"2048Ki"}}. */
  ObjectNode quantities() {
    return Json.object()
        .put("cpu", nanoCores + "n")
        .put("memory", Quantity.ofBytes(memoryBytes).toString());
  }
}
