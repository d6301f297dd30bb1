package dev.coxswain.runtime.client;

/**
 * How often things go wrong, as probabilities for each call.
 *
 * @param unavailable the call fails before anything happened
 * @param lostReply a write is done and its answer is lost
 * @param conflict an update finds that somebody else was faster
 * @param expired an informer that has something to deliver misses it and lists again
 */
public record FakeFaults(double unavailable, double lostReply, double conflict, double expired) {
  /** Everything works. */
  public static final FakeFaults NONE = new FakeFaults(0, 0, 0, 0);

  /** A bad day: each of them in one call of twenty. */
  public static final FakeFaults SOME = new FakeFaults(0.05, 0.05, 0.05, 0.05);
}
