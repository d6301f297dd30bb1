package dev.coxswain.apiserver.http;

import io.netty.channel.ChannelHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Between the event loop and whoever writes an answer: whether the client takes more in, and
 * whether it is still there.
 */
final class StreamGate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> closeTasks = new ArrayList<>();
  private final @Nullable Consumer<ChannelHandler> takeOver;
  private boolean writable = true;
  private boolean closed;
  private @Nullable Runnable writableTask;

  StreamGate(@Nullable Consumer<ChannelHandler> takeOver) {
    this.takeOver = takeOver;
  }

  boolean upgradable() {
    return takeOver != null;
  }

  void takeOver(ChannelHandler handler) {
    if (takeOver != null) {
      takeOver.accept(handler);
    }
  }

  /** Blocks until the client takes more in. */
  void await() throws InterruptedException {
    lock.lock();
    try {
      while (!writable && !closed) {
        changed.await();
      }
      if (closed) {
        throw new ClientGoneException();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks until the client takes more in, by what the writer itself counts: the event loop tells
   * of it only in its turn, and until then a whole answer might have been handed to it. Whoever
   * counts says {@link #changed}.
   */
  void await(BooleanSupplier writableNow) throws InterruptedException {
    lock.lock();
    try {
      while (!writableNow.getAsBoolean() && !closed) {
        changed.await();
      }
      if (closed) {
        throw new ClientGoneException();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has whoever waits look again. */
  void changed() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** From the event loop. */
  void writable(boolean now) {
    Runnable task;
    lock.lock();
    try {
      writable = now;
      changed.signalAll();
      task = now ? writableTask : null;
    } finally {
      lock.unlock();
    }
    if (task != null) {
      task.run();
    }
  }

  /** Says what to run, on the event loop, whenever the client takes more in again. */
  void onWritable(Runnable task) {
    lock.lock();
    try {
      writableTask = task;
    } finally {
      lock.unlock();
    }
  }

  /** From the event loop: the client is gone, or the answer is complete. */
  void close() {
    List<Runnable> tasks;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
      tasks = List.copyOf(closeTasks);
      closeTasks.clear();
    } finally {
      lock.unlock();
    }
    tasks.forEach(Runnable::run);
  }

  void onClosed(Runnable task) {
    lock.lock();
    try {
      if (!closed) {
        closeTasks.add(task);
        return;
      }
    } finally {
      lock.unlock();
    }
    task.run();
  }
}
