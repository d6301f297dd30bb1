package dev.coxswain.kubelet.probe;

import io.fabric8.kubernetes.api.model.Probe;

/**
 * Turns single outcomes into a verdict: it changes only after enough of the other kind in a row.
 */
final class ProbeCounter {
  private static final int DEFAULT_FAILURES = 3;

  private final int successes;
  private final int failures;
  private boolean verdict;
  private boolean last;
  private int run;

  ProbeCounter(Probe probe, boolean initial) {
    this.successes = positive(probe.getSuccessThreshold(), 1);
    this.failures = positive(probe.getFailureThreshold(), DEFAULT_FAILURES);
    this.verdict = initial;
  }

  /** Counts an outcome; true once it has come often enough to be believed. */
  boolean settles(boolean passed) {
    run = passed == last || run == 0 ? run + 1 : 1;
    last = passed;
    if (run < (passed ? successes : failures)) {
      return false;
    }
    verdict = passed;
    return true;
  }

  boolean verdict() {
    return verdict;
  }

  private static int positive(@org.jspecify.annotations.Nullable Integer value, int otherwise) {
    return value == null || value < 1 ? otherwise : value;
  }
}
