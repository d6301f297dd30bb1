package dev.coxswain.apiserver.cel;

/** What steps of an evaluation cost. The figures are upstream's. */
final class Prices {
  static final long NAME = 1;
  static final long LIST = 10;
  static final long MAP = 30;
  static final long STRUCT = 40;

  /** Two for an expression and no more. */
  static final long AUTHORIZATION = 350_000;

  /** For how long a pattern the check of a named format is taken. */
  static final long FORMAT = 128;

  static final double TEXT = 0.1;
  static final double PATTERN = 0.25;

  private Prices() {}

  /** Looking at every character of a text once. */
  static long text(long length) {
    return (long) Math.ceil(length * TEXT);
  }

  /** Matching a text against a pattern. */
  static long regex(long length, long pattern) {
    return text(length + 1) * (long) Math.ceil(pattern * PATTERN);
  }
}
