package dev.coxswain.e2e.history;

import java.util.Map;

/** What a client asked, and what it was told. Times are nanoseconds of one clock. */
public sealed interface Call {
  /** When it was asked. */
  long asked();

  /** When the answer came. */
  long answered();

  /**
   * An acknowledged write.
   *
   * @param base the version that was to be replaced; 0 where any was, or none
   */
  record Wrote(long asked, long answered, Change change, long base) implements Call {}

  /** An acknowledged deletion of this version; its own revision is not told. */
  record Deleted(long asked, long answered, String name, long base) implements Call {}

  /** A write that was refused. */
  record Refused(long asked, long answered, String token) implements Call {}

  /** A read of one object; of a deletion's change, with revision 0, where there was none. */
  record Read(long asked, long answered, Change found) implements Call {}

  /** A list: its revision, and what there was by name. */
  record Listed(long asked, long answered, long revision, Map<String, Change> found)
      implements Call {}
}
