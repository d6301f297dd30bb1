package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.values.NullValue;
import dev.coxswain.apiserver.admission.policy.CompiledPolicy.Validation;
import dev.coxswain.apiserver.admission.policy.Evaluation.Answer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks one policy about one request, with one parameter object. */
final class PolicyRun {
  private static final int LONGEST_MESSAGE = 5 * 1024;

  /** How long the value of an annotation may become, in characters: upstream's limit. */
  private static final int LONGEST_ANNOTATION = 10 * 1024;

  private final CompiledPolicy policy;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();

  private PolicyRun(CompiledPolicy policy) {
    this.policy = policy;
  }

  /**
   * What speaks against the request.
   *
   * @param index which of the policy's validations says so
   * @param reason the reason of the refusal; empty for an invalid object
   * @param always whether it refuses the request whatever the binding says
   */
  record Violation(int index, String message, String reason, boolean always) {}

  /**
   * What the policy says.
   *
   * @param annotations what is said to who reads the audit log, by key
   */
  record Outcome(List<Violation> violations, Map<String, String> annotations) {}

  /** What the policy says; errors count where it fails closed. */
  static Outcome of(CompiledPolicy policy, Map<String, Object> values) {
    PolicyRun run = new PolicyRun(policy);
    ConditionSet.Result conditions = policy.conditions().evaluate(values, policy.variables());
    if (!conditions.error().isEmpty()) {
      run.failed(0, conditions.error(), false);
    } else if (conditions.holds()) {
      run.validate(values);
      run.annotate(values);
    }
    return new Outcome(run.violations, run.annotations);
  }

  private void failed(int index, String error, boolean always) {
    if (policy.failsClosed()) {
      violations.add(new Violation(index, error, "", always));
    }
  }

  private void validate(Map<String, Object> values) {
    Evaluation evaluation = new Evaluation(values, policy.variables(), Evaluation.BUDGET);
    int index = -1;
    for (Validation validation : policy.validations()) {
      index++;
      Answer answer = evaluation.of(validation.condition());
      if (answer.failed()) {
        failed(index, answer.error(), false);
        if (evaluation.exhausted()) {
          return;
        }
      } else if (!Boolean.TRUE.equals(answer.value())) {
        violations.add(
            new Violation(index, message(validation, evaluation), validation.reason(), false));
      }
    }
  }

  private static String message(Validation validation, Evaluation evaluation) {
    String made = made(validation.messageExpression(), evaluation);
    if (!made.isEmpty()) {
      return made;
    }
    return validation.message().isEmpty()
        ? "failed expression: " + validation.condition().text().strip()
        : validation.message();
  }

  private static String made(@Nullable Compiled expression, Evaluation evaluation) {
    if (expression == null || !(evaluation.of(expression).value() instanceof String text)) {
      return "";
    }
    String message = text.strip();
    boolean usable = message.length() <= LONGEST_MESSAGE && message.indexOf('\n') < 0;
    return usable ? message : "";
  }

  private void annotate(Map<String, Object> values) {
    Evaluation evaluation = new Evaluation(values, policy.variables(), Evaluation.BUDGET);
    for (Compiled annotation : policy.annotations()) {
      Answer answer = evaluation.of(annotation);
      if (answer.failed()) {
        failed(0, answer.error(), true);
      } else if (answer.value() instanceof String text) {
        String value = text.strip();
        if (!value.isEmpty()) {
          annotations.put(
              annotation.name(), value.substring(0, Math.min(value.length(), LONGEST_ANNOTATION)));
        }
      } else if (!(answer.value() instanceof NullValue)) {
        violations.add(
            new Violation(
                0,
                "valueExpression '"
                    + annotation.text()
                    + "' resulted in unsupported return type. Return type must be either string or"
                    + " null.",
                "",
                true));
      }
    }
  }
}
