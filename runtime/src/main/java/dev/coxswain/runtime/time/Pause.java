package dev.coxswain.runtime.time;

import java.time.Duration;

/** A pause of one thread that others may cut short; whoever does so before it begins is heeded. */
public final class Pause {
  private final Time time;
  private boolean ended;

  /** Counts the rests' beginnings and ends; the time of one that is over means nothing. */
  private long turns;

  /** A pause by this clock. */
  public Pause(Time time) {
    this.time = time;
  }

  /** Rests until {@link #end} has been called since the last rest, or the time is over. */
  public void rest(Duration most) throws InterruptedException {
    long mine = turn();
    Time.Timer timer = time.after(most, () -> runOut(mine));
    try {
      synchronized (this) {
        while (!ended) {
          wait();
        }
        ended = false;
        turns++;
      }
    } finally {
      timer.cancel();
    }
  }

  private synchronized long turn() {
    return ++turns;
  }

  private synchronized void runOut(long turn) {
    if (turn == turns) {
      end();
    }
  }

  /** From any thread: the rest is over, or the next one will be at once. */
  public synchronized void end() {
    ended = true;
    notifyAll();
  }
}
