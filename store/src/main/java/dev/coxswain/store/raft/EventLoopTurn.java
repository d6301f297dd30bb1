package dev.coxswain.store.raft;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
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
    give(task, current());
  }

  /** Runs tasks of any thread on the event loop that calls now, in a turn to come. */
  static Consumer<Runnable> later() {
    Executor loop = current();
    return task -> give(task, loop);
  }

  /**
   * Runs a task now when an event loop calls, else on a thread of its own: never inside the call of
   * whoever starts something. A stream that fails at once would tell so before Ratis' appender
   * knows that it has one, and it would wait for that stream for ever.
   */
  static void onLoopOrElsewhere(Runnable task) {
    if (current() == null) {
      Thread.startVirtualThread(task);
    } else {
      task.run();
    }
  }

  private static @Nullable Executor current() {
    Executor loop = io.netty.util.internal.ThreadExecutorMap.currentExecutor();
    return loop == null
        ? org.apache.ratis.thirdparty.io.netty.util.internal.ThreadExecutorMap.currentExecutor()
        : loop;
  }

  private static void give(Runnable task, @Nullable Executor loop) {
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
