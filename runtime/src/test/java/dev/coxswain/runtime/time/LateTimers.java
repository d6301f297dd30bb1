package dev.coxswain.runtime.time;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A clock whose timers have always begun when they are cancelled: it keeps what they are to do, and
 * the test runs it. For all that must not be undone by a timer that was cancelled too late.
 */
public final class LateTimers extends ForwardingTime {
  private final List<Runnable> tasks = new CopyOnWriteArrayList<>();

  /** One that tells another's time. */
  public LateTimers(Time time) {
    super(time);
  }

  /** What the timers are to do, in the order in which they were set. */
  public List<Runnable> tasks() {
    return List.copyOf(tasks);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    tasks.add(task);
    return () -> {};
  }
}
