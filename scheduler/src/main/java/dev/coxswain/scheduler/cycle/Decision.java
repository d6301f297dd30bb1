package dev.coxswain.scheduler.cycle;

import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import java.util.Set;

/** What came of a pod's turn. */
public sealed interface Decision {
  /**
   * It fits.
   *
   * @param node where
   * @param examined how many nodes were looked at
   * @param feasible how many of them would do
   * @param state what the plugins noted
   */
  record Fits(String node, int examined, int feasible, CycleState state) implements Decision {}

  /**
   * It does not.
   *
   * @param message why, as users are told
   * @param plugins who objected
   * @param remedy what can be done about it
   */
  record Unfit(String message, Set<String> plugins, Remedy remedy) implements Decision {
    public Unfit {
      plugins = Set.copyOf(plugins);
    }
  }
}
