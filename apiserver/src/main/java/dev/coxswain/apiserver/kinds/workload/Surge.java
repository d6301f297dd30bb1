package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.quantity.IntOrString;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Numbers or percentages of pods that an update may add or take away. */
final class Surge {
  private static final int WHOLE = 100;

  private Surge() {}

  /** Checks one value; a missing one is fine. */
  static void check(JsonNode value, String path, List<FieldError> errors) {
    if (value.isMissingNode()) {
      return;
    }
    switch (IntOrString.of(value)) {
      case IntOrString.Whole whole -> {
        if (whole.value() < 0) {
          errors.add(FieldError.invalid(path, value, "must be greater than or equal to 0"));
        }
      }
      case IntOrString.Text text -> {
        if (!text.isPercent()) {
          errors.add(
              FieldError.invalid(
                  path,
                  text.value(),
                  "a valid percent string must be a numeric string followed by an ending '%' (e.g."
                      + " '1%',  or '93%', regex used for validation is '[0-9]+%')"));
        }
      }
    }
  }

  /** A share of those that are there cannot be more than all of them. */
  static void notMoreThanAll(JsonNode value, String path, List<FieldError> errors) {
    if (value.isString()
        && IntOrString.of(value) instanceof IntOrString.Text text
        && text.isPercent()
        && text.scaled(WHOLE, java.math.RoundingMode.UNNECESSARY).orElse(0) > WHOLE) {
      errors.add(FieldError.invalid(path, text.value(), "must not be greater than 100%"));
    }
  }

  /** Whether it is nothing: 0 or 0%. */
  static boolean isZero(JsonNode value) {
    return value.isMissingNode()
        || IntOrString.of(value).scaled(WHOLE, java.math.RoundingMode.UNNECESSARY).orElse(1) == 0;
  }
}
