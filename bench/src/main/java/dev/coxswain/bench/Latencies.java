package dev.coxswain.bench;

/** How long requests took. */
public final class Latencies {
  private Latencies() {}

  /** The share of sorted nanoseconds below which so many lie, in milliseconds. */
  public static double percentile(long[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1e6;
  }
}
