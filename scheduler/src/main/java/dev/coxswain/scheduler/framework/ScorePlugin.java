package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.List;

/** Says how good a node is for a pod. */
public interface ScorePlugin extends Plugin {
  /** The best score after normalization; the worst is 0. */
  long MAX_SCORE = 100;

  /** A score; of any range when {@link #normalize} brings it into the right one. */
  long score(CycleState state, PodInfo pod, NodeInfo node);

  /** Brings the scores of all nodes, in their order, between 0 and {@link #MAX_SCORE}. */
  default void normalize(CycleState state, PodInfo pod, List<NodeInfo> nodes, long[] scores) {}

  /** Scales so that the highest becomes {@link #MAX_SCORE}; reversed, so that 0 does. */
  static void scale(long[] scores, boolean reverse) {
    long max = 0;
    for (long score : scores) {
      max = Math.max(max, score);
    }
    for (int index = 0; index < scores.length; index++) {
      long scaled = max == 0 ? 0 : scores[index] * MAX_SCORE / max;
      scores[index] = reverse ? MAX_SCORE - scaled : scaled;
    }
  }
}
