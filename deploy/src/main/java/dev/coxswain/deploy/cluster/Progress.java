package dev.coxswain.deploy.cluster;

import dev.coxswain.runtime.time.Time;
import java.io.PrintStream;
import java.util.Locale;

/** Tells a waiting person what has been reached, with the seconds since the command began. */
public final class Progress {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Time time;
  private final PrintStream out;
  private final long start;

  public Progress(Time time, PrintStream out) {
    this.time = time;
    this.out = out;
    this.start = time.nanos();
  }

  /** Why nothing comes for a while: only one cluster at a time takes its network and its port. */
  public void another() {
    step("another cluster is coming up: waiting until it has its network and port");
  }

  public synchronized void step(String reached) {
    double seconds = (time.nanos() - start) / NANOS_PER_SECOND;
    out.printf(Locale.ROOT, "%6.1f s  %s%n", seconds, reached);
  }
}
