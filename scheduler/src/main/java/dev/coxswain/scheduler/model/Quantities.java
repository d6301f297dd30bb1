package dev.coxswain.scheduler.model;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Quantities as whole numbers, rounded up as upstream rounds them. */
final class Quantities {
  private static final BigDecimal MILLI = BigDecimal.valueOf(1000);
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private Quantities() {}

  static long whole(@Nullable Quantity quantity) {
    return quantity == null ? 0 : rounded(quantity.getNumericalAmount());
  }

  static long milli(@Nullable Quantity quantity) {
    return quantity == null ? 0 : rounded(quantity.getNumericalAmount().multiply(MILLI));
  }

  private static long rounded(BigDecimal amount) {
    return amount.setScale(0, RoundingMode.CEILING).min(MOST).longValue();
  }

  static Resources resources(@Nullable Map<String, Quantity> amounts) {
    if (amounts == null || amounts.isEmpty()) {
      return Resources.NONE;
    }
    Map<String, Long> extended = new HashMap<>();
    amounts.forEach((name, amount) -> {
      boolean known =
          switch (name) {
            case "cpu", "memory", "ephemeral-storage", "pods" -> true;
            default -> false;
          };
      long whole = known ? 0 : whole(amount);
      if (whole > 0) {
        extended.put(name, whole);
      }
    });
    return new Resources(
        milli(amounts.get("cpu")),
        whole(amounts.get("memory")),
        whole(amounts.get("ephemeral-storage")),
        extended);
  }
}
