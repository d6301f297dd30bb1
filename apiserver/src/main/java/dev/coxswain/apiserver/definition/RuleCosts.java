package dev.coxswain.apiserver.definition;

import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the rules of a definition can cost, each and all together. The limits are upstream's. */
final class RuleCosts {
  private static final long EACH = 10_000_000;
  private static final long ALL = 100_000_000;
  private static final int NAMED = 4;

  private final List<Cost> expensive = new ArrayList<>();
  private long total;

  private record Cost(String path, long cost) {}

  static long times(long one, long other) {
    return other != 0 && one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
  }

  /** Counts an expression, and adds an error where it alone is too expensive. */
  void observe(String path, String noun, long cost, List<FieldError> errors) {
    if (cost > EACH) {
      errors.add(FieldError.forbidden(path, exceeds(noun, cost, EACH)));
    }
    total = total > Long.MAX_VALUE - cost ? Long.MAX_VALUE : total + cost;
    if (cost >= ALL / 100) {
      expensive.add(new Cost(path, cost));
    }
  }

  /** Adds an error where all expressions together are too expensive, and names the worst. */
  void total(String path, List<FieldError> errors) {
    if (total <= ALL) {
      return;
    }
    expensive.sort(Comparator.comparingLong(Cost::cost).reversed());
    for (Cost cost : expensive.subList(0, Math.min(NAMED, expensive.size()))) {
      errors.add(
          FieldError.forbidden(
              cost.path(),
              "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3"
                  + " schema"));
    }
    errors.add(
        FieldError.forbidden(
            path,
            exceeds(
                "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                total,
                ALL)));
  }

  private static String exceeds(String noun, long cost, long limit) {
    double times = (double) cost / limit;
    String factor;
    if (times > 100) {
      factor = "more than 100x";
    } else {
      factor = String.format(Locale.ROOT, times < 1.5 ? "%fx" : "%.1fx", times);
    }
    return noun
        + " exceeds budget by factor of "
        + factor
        + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where"
        + " arrays, maps, and strings are declared)";
  }
}
