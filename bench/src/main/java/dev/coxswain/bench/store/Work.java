package dev.coxswain.bench.store;

/** What a caller asks for, again and again. Keys are drawn round-robin from a fixed set. */
enum Work {
  /** Writes 1 KiB to a key. */
  PUT("put of 1 KiB", 100),
  /** Reads one key, linearizable. */
  GET("get", 0),
  /** Reads a hundred keys, linearizable. */
  RANGE("range of 100", 0),
  /** Four gets, then a put. */
  MIX("80/20 gets and puts", 20);

  private final String title;
  private final int writePercent;

  Work(String title, int writePercent) {
    this.title = title;
    this.writePercent = writePercent;
  }

  String title() {
    return title;
  }

  /** Whether the n-th request writes. */
  boolean writes(long number) {
    return writePercent > 0 && number % (100 / writePercent) == 0;
  }
}
