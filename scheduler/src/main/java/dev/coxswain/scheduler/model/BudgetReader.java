package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Set;

/** Reads PodDisruptionBudget objects. */
public final class BudgetReader {
  private BudgetReader() {}

  /** The budget as the scheduler sees it. */
  public static Budget read(PodDisruptionBudget budget) {
    var status = budget.getStatus();
    return new Budget(
        new ObjectKey(budget.getMetadata().getNamespace(), budget.getMetadata().getName()),
        WishesReader.selector(budget.getSpec() == null ? null : budget.getSpec().getSelector()),
        status == null || status.getDisruptionsAllowed() == null
            ? 0
            : status.getDisruptionsAllowed(),
        status == null || status.getDisruptedPods() == null
            ? Set.of()
            : status.getDisruptedPods().keySet());
  }
}
