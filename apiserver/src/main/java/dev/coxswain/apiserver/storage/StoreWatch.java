package dev.coxswain.apiserver.storage;

import java.time.Duration;
import java.util.List;

/** An open stream of changes, read by one thread. */
public interface StoreWatch extends AutoCloseable {

  /**
   * Waits for the next batch of changes, in the order of their revisions; all changes of one
   * revision come in one batch. Empty when the time passed first.
   *
   * @throws CompactedException when the changes asked for are gone
   * @throws StoreUnavailableException when the stream broke: open another
   */
  List<StoreChange> next(Duration wait) throws InterruptedException;

  @Override
  void close();
}
