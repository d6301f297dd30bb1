package dev.coxswain.kubelet.volume;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * For work on files that may be a server's: once that has gone, the kernel does not return from it
 * until the server is back. A virtual thread would keep one of the threads that carry all virtual
 * ones, of which there are as many as processors, and after a few the whole kubelet stood still.
 */
final class OwnThread {
  private OwnThread() {}

  /** Starts the work on a thread that carries nothing else. */
  static Thread start(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(name).start(work);
  }

  /**
   * Waits for work on such a thread, to its end: what it does is not to go on unseen. An interrupt
   * is passed on to it.
   *
   * @throws ExecutionException with what the work failed with
   */
  static <T> T call(String name, Callable<T> work) throws ExecutionException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread worker = start(name, task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException passedOn) {
          interrupted = true;
          worker.interrupt();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
