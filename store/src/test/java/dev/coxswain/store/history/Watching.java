package dev.coxswain.store.history;

import java.util.List;

/** All that one watcher of a range was told, over all its connections. */
public record Watching(String name, String from, String to, long start, List<Sighting> sightings) {
  /** One message, or what the watcher did about a broken connection. */
  public sealed interface Sighting {
    /** Events of one message, and when it came, by the clock of {@link Call}. */
    record Told(List<Event> events, long when) implements Sighting {}

    /** The store says that it has told everything up to this revision. */
    record Progress(long revision) implements Sighting {}

    /** Connected again, asking for what comes after the last event. */
    record Resumed() implements Sighting {}

    /** What was missed is compacted: connected again, asking from this revision on. */
    record Skipped(long start) implements Sighting {}
  }
}
