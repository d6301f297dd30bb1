package dev.coxswain.runtime.client;

import org.jspecify.annotations.Nullable;

/**
 * How to delete.
 *
 * @param gracePeriodSeconds null leaves it to the object
 * @param uid only this incarnation; null for whichever is there
 * @param resourceVersion only this version; null for whichever is there
 * @param propagation what becomes of the dependents; null leaves it to the kind's default
 */
public record DeleteOptions(
    @Nullable Long gracePeriodSeconds,
    @Nullable String uid,
    @Nullable String resourceVersion,
    @Nullable Propagation propagation) {

  /** The server's defaults. */
  public static final DeleteOptions DEFAULT = new DeleteOptions(null, null, null, null);

  /** Only the incarnation with this uid. */
  public static DeleteOptions uid(String uid) {
    return new DeleteOptions(null, uid, null, null);
  }

  /** {@code propagationPolicy}. */
  public enum Propagation {
    ORPHAN("Orphan"),
    BACKGROUND("Background"),
    FOREGROUND("Foreground");

    private final String text;

    Propagation(String text) {
      this.text = text;
    }

    /** As the API spells it. */
    public String text() {
      return text;
    }
  }
}
