package dev.coxswain.controllers.object;

import dev.coxswain.controllers.manager.Actions;
import java.util.List;

/**
 * Calls in batches that double while all goes well: what fails for one pod fails for all, and one
 * failure says it as well as five hundred.
 */
public final class SlowStart {
  /** Most calls of one reconcile; the rest waits for the next. */
  public static final int BURST = 500;

  private SlowStart() {}

  /** Runs the calls, at most {@link #BURST}, up to the first batch with a failure; what failed. */
  public static List<RuntimeException> run(List<Runnable> calls, Actions act) {
    int count = Math.min(calls.size(), BURST);
    int batch = 1;
    for (int done = 0; done < count; done += batch, batch *= 2) {
      batch = Math.min(batch, count - done);
      List<RuntimeException> failures = act.together(calls.subList(done, done + batch));
      if (!failures.isEmpty()) {
        return failures;
      }
    }
    return List.of();
  }
}
