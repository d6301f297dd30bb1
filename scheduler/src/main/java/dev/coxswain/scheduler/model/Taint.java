package dev.coxswain.scheduler.model;

/**
 * A taint of a node.
 *
 * @param key its key
 * @param value its value; empty for none
 * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
 */
public record Taint(String key, String value, String effect) {
  /** What a cordoned node carries. */
  public static final Taint UNSCHEDULABLE =
      new Taint("node.kubernetes.io/unschedulable", "", "NoSchedule");

  /** Whether it keeps pods away that do not tolerate it. */
  public boolean repels() {
    return effect.equals("NoSchedule") || effect.equals("NoExecute");
  }

  /** Whether it only makes the node less liked. */
  public boolean disliked() {
    return effect.equals("PreferNoSchedule");
  }
}
