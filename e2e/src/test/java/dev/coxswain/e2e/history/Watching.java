package dev.coxswain.e2e.history;

import java.util.List;

/**
 * What one watcher saw.
 *
 * @param from the revision after which it wanted everything
 * @param to the revision up to which it waited
 */
public record Watching(String name, long from, long to, List<Sighting> sightings) {
  /** One thing that it saw. */
  public sealed interface Sighting {
    /** An event of this type: ADDED, MODIFIED or DELETED. */
    record Told(String type, Change change) implements Sighting {}

    /** A bookmark: everything up to the revision has been told. */
    record Bookmark(long revision) implements Sighting {}

    /** Its place was gone, and it began anew with a list of this revision. */
    record Relisted(long revision) implements Sighting {}
  }
}
