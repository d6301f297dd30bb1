package dev.coxswain.kubelet.event;

/** Records events about the node itself. Never blocks and never fails. */
public interface NodeEvents {

  /** An event of type Warning. */
  void warning(String reason, String message);
}
