package dev.coxswain.e2e.history;

/** Something in a history that must not be. */
public record Violation(Kind kind, String what) {
  /** Which promise is broken. */
  public enum Kind {
    /** An acknowledged write is not in the history, or something else is in its place. */
    LOST_WRITE,
    /** An update that named the version it starts from replaced another one. */
    LOST_UPDATE,
    /** A refused write was done. */
    PHANTOM_WRITE,
    /** One write was done twice. */
    DOUBLE_APPLICATION,
    /** An answer has a lower revision than one that was given before it was asked for. */
    WENT_BACK,
    /** A consistent read does not show what was known before it was asked. */
    STALE_READ,
    /** An answer shows what there never was. */
    WRONG_CONTENT,
    /** A watch missed an event. */
    DROPPED_EVENT,
    /** A watch was told an event twice. */
    DUPLICATED_EVENT,
    /** A watch was told events in another order than that of their revisions. */
    REORDERED_EVENT,
    /** A watch was told another thing than the others, or by the wrong name. */
    WRONG_EVENT
  }
}
