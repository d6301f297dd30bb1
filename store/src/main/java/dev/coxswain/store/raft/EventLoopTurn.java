package dev.coxswain.store.raft;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Puts work behind what an event loop has already received. Requests that came in together are
 * handled one after another on the loop; a task given to the loop meanwhile runs after the last of
 * them. No timer, and no other thread, is involved.
 */
final class EventLoopTurn {
  private EventLoopTurn() {}

  /** Runs a task at the end of the event loop's turn, or at once when no event loop calls. */
  static void atItsEnd(Runnable task) {
    java.util.concurrent.@Nullable Executor loop =
        io.netty.util.internal.ThreadExecutorMap.currentExecutor();
    if (loop == null) {
      loop = org.apache.ratis.thirdparty.io.netty.util.internal.ThreadExecutorMap.currentExecutor();
    }
    if (loop == null) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException stopping) {
      task.run();
    }
  }
}
