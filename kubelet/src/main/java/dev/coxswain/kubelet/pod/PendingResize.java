package dev.coxswain.kubelet.pod;

/**
 * Why a pod is not given the resources that it asks for, as its condition {@code PodResizePending}
 * says it.
 *
 * @param reason whether it is worth waiting
 * @param message in upstream's words
 */
public record PendingResize(Reason reason, String message) {

  /** Upstream's reasons. */
  public enum Reason {
    /** Others have what it asks for. */
    DEFERRED("Deferred"),
    /** This node will never give it. */
    INFEASIBLE("Infeasible");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** As conditions and events name it. */
    public String text() {
      return text;
    }
  }
}
