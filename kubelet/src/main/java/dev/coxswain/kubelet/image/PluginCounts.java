package dev.coxswain.kubelet.image;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long the programs that give credentials took and how often they failed, by their names.
 * Thread-safe.
 */
public final class PluginCounts {
  /** The longest times of the classes in which they are counted, in seconds. */
  private static final double[] BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

  private static final double NANOS = 1e9;

  /** Guarded by itself. */
  private final Map<String, Figures> figures = new TreeMap<>();

  /**
   * What is known of a program.
   *
   * @param within by seconds, how many runs took no longer than those
   * @param runs all of them
   * @param seconds that all runs took together
   * @param errors how many runs came to nothing
   */
  public record Figures(Map<Double, Long> within, long runs, double seconds, long errors) {
    private static Figures none() {
      Map<Double, Long> within = new TreeMap<>();
      for (double bound : BOUNDS) {
        within.put(bound, 0L);
      }
      return new Figures(within, 0, 0, 0);
    }

    private Figures and(double took, boolean failed) {
      Map<Double, Long> more = new TreeMap<>(within);
      more.replaceAll((bound, count) -> took <= bound ? count + 1 : count);
      return new Figures(more, runs + 1, seconds + took, failed ? errors + 1 : errors);
    }
  }

  void count(String program, Duration took, boolean failed) {
    synchronized (figures) {
      Figures before = figures.getOrDefault(program, Figures.none());
      figures.put(program, before.and(took.toNanos() / NANOS, failed));
    }
  }

  /** All figures now. */
  public Map<String, Figures> all() {
    synchronized (figures) {
      return new TreeMap<>(figures);
    }
  }
}
