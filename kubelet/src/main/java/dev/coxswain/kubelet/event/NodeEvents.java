package dev.coxswain.kubelet.event;

/** Records events about the node itself. Never blocks and never fails. */
@FunctionalInterface
public interface NodeEvents {

  /** An event of type Warning, or of type Normal. */
  void record(boolean warning, String reason, String message);

  /** An event of type Normal. */
  default void normal(String reason, String message) {
    record(false, reason, message);
  }

  /** An event of type Warning. */
  default void warning(String reason, String message) {
    record(true, reason, message);
  }
}
