package dev.coxswain.store.history;

import java.util.ArrayList;
import java.util.List;

/** A whole history: what clients did, what the store says has happened, what watchers were told. */
public record Recording(
    List<Call> calls, Chronicle chronicle, List<Watching> watches, List<Tenure> tenures) {
  /** Everything wrong with it. */
  public List<Violation> violations() {
    RevisionOrder.Result order = RevisionOrder.check(calls, chronicle);
    List<Violation> violations = new ArrayList<>(order.violations());
    for (Watching watching : watches) {
      violations.addAll(WatchOrder.check(watching, chronicle));
    }
    violations.addAll(LeaseTerms.check(this, order.leaseEnds()));
    violations.addAll(Linearizability.check(calls));
    return violations;
  }
}
