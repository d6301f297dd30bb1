package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What is wrong with when a job says that it has succeeded. The texts are upstream's. */
final class SuccessPolicyRules {
  private static final int MOST_RULES = 20;
  private static final int LONGEST_INDEXES = 64 << 10;

  private SuccessPolicyRules() {}

  /** Checks the policy of a job's specification; adds what it finds. */
  static void check(JsonNode spec, String path, List<FieldError> errors) {
    JsonNode policy = spec.path("successPolicy");
    if (!Json.text(spec, "completionMode").equals("Indexed")) {
      errors.add(FieldError.invalid(path, policy, "requires indexed completion mode"));
      return;
    }
    JsonNode rules = policy.path("rules");
    if (rules.isEmpty()) {
      errors.add(
          FieldError.required(
              path + ".rules",
              "at least one rules must be specified when the successPolicy is specified"));
    }
    if (rules.size() > MOST_RULES) {
      errors.add(FieldError.tooMany(path + ".rules", rules.size(), MOST_RULES));
    }
    int index = 0;
    for (JsonNode rule : rules) {
      rule(rule, Json.number(spec, 0, "completions"), path + ".rules[" + index++ + "]", errors);
    }
  }

  private static void rule(JsonNode rule, long completions, String path, List<FieldError> errors) {
    JsonNode count = rule.path("succeededCount");
    JsonNode indexes = rule.path("succeededIndexes");
    if (!count.isNumber() && !indexes.isString()) {
      errors.add(
          FieldError.required(
              path, "at least one of succeededCount or succeededIndexes must be specified"));
    }
    long named = completions;
    if (indexes.isString()) {
      named = indexes(indexes.asString(), completions, path + ".succeededIndexes", errors);
    }
    if (!count.isNumber()) {
      return;
    }
    Checks.nonNegative(rule, "succeededCount", path, errors);
    if (count.asLong() > completions) {
      tooMany(count, completions, "specified completions", path, errors);
    }
    if (indexes.isString() && count.asLong() > named) {
      String which = "indexes in the specified succeededIndexes field";
      tooMany(count, named, which, path, errors);
    }
  }

  private static void tooMany(
      JsonNode count, long most, String which, String path, List<FieldError> errors) {
    errors.add(
        FieldError.invalid(
            path + ".succeededCount",
            count,
            "must be less than or equal to " + most + " (the number of " + which + ")"));
  }

  /** How many indexes a text such as {@code 0,3-5} names; 0 where it is none. */
  private static long indexes(String text, long completions, String path, List<FieldError> errors) {
    if (text.length() > LONGEST_INDEXES) {
      errors.add(FieldError.tooLong(path, LONGEST_INDEXES));
      return 0;
    }
    try {
      return count(text, completions);
    } catch (IllegalArgumentException malformed) {
      errors.add(
          FieldError.invalid(
              path, text, "error parsing succeededIndexes: " + malformed.getMessage()));
      return 0;
    }
  }

  private static long count(String text, long completions) {
    long total = 0;
    long last = -1;
    if (text.isEmpty()) {
      return total;
    }
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      if (ends.length > 2) {
        throw new IllegalArgumentException(
            "the fragment \""
                + part
                + "\" violates the requirement that an index interval can have at most two parts"
                + " separated by '-'");
      }
      long first = index(ends[0], last, completions);
      last = ends.length == 1 ? first : index(ends[1], first, completions);
      total += last - first + 1;
    }
    return total;
  }

  private static long index(String text, long before, long completions) {
    int index;
    try {
      index = Integer.parseInt(text);
    } catch (NumberFormatException malformed) {
      throw new IllegalArgumentException(
          "cannot convert string to integer for index: \"" + text + "\"", malformed);
    }
    if (before >= index) {
      throw new IllegalArgumentException(
          "non-increasing order, previous: " + before + ", current: " + index);
    }
    if (index >= completions) {
      throw new IllegalArgumentException("too large index: \"" + text + "\"");
    }
    return index;
  }
}
