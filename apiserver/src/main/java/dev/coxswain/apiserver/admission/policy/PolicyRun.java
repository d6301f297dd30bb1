package dev.coxswain.apiserver.admission.policy;

import dev.cel.common.values.NullValue;
import dev.coxswain.apiserver.admission.policy.CompiledPolicy.Validation;
import dev.coxswain.apiserver.admission.policy.Evaluation.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks one policy about one request, with one parameter object. */
final class PolicyRun {
  private static final int LONGEST_MESSAGE = 5 * 1024;

  private final CompiledPolicy policy;
  private final List<Violation> violations = new ArrayList<>();

  private PolicyRun(CompiledPolicy policy) {
    this.policy = policy;
  }

  /**
   * What speaks against the request.
   *
   * @param reason the reason of the refusal; empty for an invalid object
   * @param always whether it refuses the request whatever the binding says
   */
  record Violation(String message, String reason, boolean always) {}

  /** What speaks against the request; errors count where the policy fails closed. */
  static List<Violation> of(CompiledPolicy policy, Map<String, Object> values) {
    PolicyRun run = new PolicyRun(policy);
    ConditionSet.Result conditions = policy.conditions().evaluate(values, policy.variables());
    if (!conditions.error().isEmpty()) {
      run.failed(conditions.error(), false);
    } else if (conditions.holds()) {
      run.validate(values);
      run.annotate(values);
    }
    return run.violations;
  }

  private void failed(String error, boolean always) {
    if (policy.failsClosed()) {
      violations.add(new Violation(error, "", always));
    }
  }

  private void validate(Map<String, Object> values) {
    Evaluation evaluation = new Evaluation(values, policy.variables(), Evaluation.BUDGET);
    for (Validation validation : policy.validations()) {
      Answer answer = evaluation.of(validation.condition());
      if (answer.failed()) {
        failed(answer.error(), false);
        if (evaluation.exhausted()) {
          return;
        }
      } else if (!Boolean.TRUE.equals(answer.value())) {
        violations.add(new Violation(message(validation, evaluation), validation.reason(), false));
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

  /** Nothing writes an audit log yet: only what goes wrong matters. */
  private void annotate(Map<String, Object> values) {
    Evaluation evaluation = new Evaluation(values, policy.variables(), Evaluation.BUDGET);
    for (Compiled annotation : policy.annotations()) {
      Answer answer = evaluation.of(annotation);
      if (answer.failed()) {
        failed(answer.error(), true);
      } else if (!(answer.value() instanceof String) && !(answer.value() instanceof NullValue)) {
        violations.add(
            new Violation(
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
