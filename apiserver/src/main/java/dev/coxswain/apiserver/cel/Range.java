package dev.coxswain.apiserver.cel;

/** Between what bounds a size or a cost lies; {@link Long#MAX_VALUE} is unbounded. */
record Range(long least, long most) {
  static final Range UNKNOWN = new Range(0, Long.MAX_VALUE);
  static final Range NOTHING = new Range(0, 0);
  static final Range ONE = new Range(1, 1);

  /** What the first value that is put into {@link #or} replaces. */
  static final Range EMPTY = new Range(Long.MAX_VALUE, 0);

  static Range exactly(long value) {
    return new Range(value, value);
  }

  Range plus(Range other) {
    return new Range(plus(least, other.least), plus(most, other.most));
  }

  Range times(Range other) {
    return new Range(times(least, other.least), times(most, other.most));
  }

  Range times(double factor) {
    return new Range(times(least, factor), times(most, factor));
  }

  Range or(Range other) {
    return new Range(Math.min(least, other.least), Math.max(most, other.most));
  }

  static long plus(long one, long other) {
    return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
  }

  static long times(long one, long other) {
    return other != 0 && one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
  }

  private static long times(long value, double factor) {
    return value == Long.MAX_VALUE ? value : (long) Math.ceil(value * factor);
  }
}
