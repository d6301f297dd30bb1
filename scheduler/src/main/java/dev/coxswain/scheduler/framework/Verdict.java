package dev.coxswain.scheduler.framework;

import java.util.List;

/** What a plugin says about a pod on a node. */
public sealed interface Verdict {
  /** Nothing against it. */
  Verdict PASS = new Pass();

  /** Nothing against it. */
  record Pass() implements Verdict {}

  /**
   * Not here.
   *
   * @param resolvable whether it may help if other pods went away
   * @param reasons why, in the words of events; nodes are counted by them
   */
  record Rejected(boolean resolvable, List<String> reasons) implements Verdict {
    public Rejected {
      reasons = List.copyOf(reasons);
    }
  }

  /** Not here, as things stand. */
  static Verdict unschedulable(String... reasons) {
    return new Rejected(true, List.of(reasons));
  }

  /** Not here, whichever pods go away. */
  static Verdict unresolvable(String... reasons) {
    return new Rejected(false, List.of(reasons));
  }
}
