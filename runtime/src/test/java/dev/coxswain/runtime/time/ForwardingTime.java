package dev.coxswain.runtime.time;

import java.time.Duration;
import java.time.Instant;

/** Tells another clock's time; a test changes what it is about. */
public abstract class ForwardingTime implements Time {
  private final Time time;

  protected ForwardingTime(Time time) {
    this.time = time;
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public long nanos() {
    return time.nanos();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    time.sleep(duration);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    return time.after(delay, task);
  }
}
