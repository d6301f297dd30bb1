package dev.coxswain.scheduler.framework;

import dev.coxswain.runtime.time.Randomness;

/**
 * What plugins get from the program, besides their arguments.
 *
 * @param randomness breaks ties
 * @param waiting the pods that a {@link PermitPlugin} put off
 * @param volumes carries out what was decided about claims
 */
public record Handle(Randomness randomness, WaitingPods waiting, VolumeWriter volumes) {

  /** For decisions only: nothing can be written. */
  public static Handle deciding(Randomness randomness) {
    return new Handle(
        randomness,
        new WaitingPods(),
        (pod, node, plan, patience) -> {
          throw new IllegalStateException("no API server to bind volumes at");
        });
  }
}
