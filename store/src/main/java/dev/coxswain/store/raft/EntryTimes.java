package dev.coxswain.store.raft;

/**
 * Where the time of a log entry went on the leader that proposed it; nanoseconds.
 *
 * @param operations how many writes shared the entry
 * @param waited from when the first of them came until the entry was begun, another being under way
 * @param appended until it was in the leader's log, not flushed yet
 * @param committed until a majority had flushed it and the leader knew
 * @param applied until it was applied and all of them were answered
 */
public record EntryTimes(int operations, long waited, long appended, long committed, long applied) {

  /** All of it: how long the first of the writes took here. */
  public long total() {
    return waited + appended + committed + applied;
  }
}
