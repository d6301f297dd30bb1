package dev.coxswain.store.history;

/** Something in a history that must not be. */
public record Violation(Kind kind, String what) {
  /** Which promise is broken. */
  public enum Kind {
    /** An acknowledged write is not in the store's history, or something else is in its place. */
    LOST_WRITE,
    /** Something was written that nobody asked for, or that was refused. */
    PHANTOM_WRITE,
    /** Two writes were acknowledged with the same revision. */
    DOUBLE_REVISION,
    /** A write took effect more than once. */
    DOUBLE_APPLICATION,
    /** A guarded write was done although its guard did not hold, or the other way about. */
    BROKEN_GUARD,
    /** An answer shows what the store did not hold at its revision. */
    WRONG_CONTENT,
    /** A read does not show what was acknowledged before it was asked. */
    STALE_READ,
    /** A write has a lower revision than something answered before it was asked. */
    OUT_OF_ORDER,
    /** The store's own history has holes, or counts versions wrong. */
    BROKEN_CHRONICLE,
    /** A watch missed an event. */
    DROPPED_EVENT,
    /** A watch was told an event twice. */
    DUPLICATED_EVENT,
    /** A watch was told events in another order than they were written in. */
    REORDERED_EVENT,
    /** A watch was told of something that was not written. */
    WRONG_EVENT,
    /** A watch was told a part of a revision only. */
    TORN_REVISION,
    /** A lease ended before its time. */
    EARLY_EXPIRY,
    /** A key outlives its lease. */
    LINGERING_KEY,
    /** No order of the calls explains one key's answers. */
    NOT_LINEARIZABLE
  }
}
