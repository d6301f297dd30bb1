package dev.coxswain.store.storm;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** What a disk does that has grown old. */
final class FlippedBit {
  private FlippedBit() {}

  /** Where it flips. */
  enum In {
    /** In the name of the member it voted for. */
    VOTE("raft-meta"),
    /** In an entry of the newest piece of the log. */
    LOG("log_"),
    /** In the newest snapshot. */
    SNAPSHOT("snapshot.");

    private final String prefix;

    In(String prefix) {
      this.prefix = prefix;
    }

    boolean is(Path file) {
      String name = String.valueOf(file.getFileName());
      return name.startsWith(prefix) && !name.endsWith(".md5") && !name.endsWith(".conf");
    }

    /** Which byte, of so many that are not zero. */
    int at(int end) {
      // The last digit, before the end of the line: another digit, and a name as good as the first.
      return this == VOTE ? end - 2 : end / 2;
    }
  }

  /**
   * Whether a member's newest vote has left it, and is written down a second time for that. One
   * that only asked for votes, in vain, has promised nobody anything: damage to that goes unseen.
   */
  static boolean hasVoted(Path data) {
    Properties meta = new Properties();
    Properties votes = new Properties();
    try (Stream<Path> groups = Files.list(data.resolve("raft"))) {
      Path group =
          groups.filter(each -> Files.exists(each.resolve("votes"))).findFirst().orElse(null);
      if (group == null) {
        return false;
      }
      meta.load(new StringReader(Files.readString(group.resolve("current/raft-meta"))));
      votes.load(new StringReader(Files.readString(group.resolve("votes"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return votes.getProperty("term").equals(meta.getProperty("term"))
        && votes.getProperty("vote").equals(meta.getProperty("votedFor"));
  }

  /** The newest whole file of that kind, if there is one yet. */
  static Optional<Path> newest(Path data, In where) {
    try (Stream<Path> files = Files.walk(data.resolve("raft"))) {
      return files
          .filter(where::is)
          .filter(file -> where != In.SNAPSHOT || Files.exists(Path.of(file + ".md5")))
          .max(Comparator.comparingLong(path -> path.toFile().lastModified()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Flips a bit of what is written in the newest file of that kind. */
  static void flip(Path data, In where) {
    Path file =
        newest(data, where)
            .orElseThrow(() -> new IllegalStateException("nothing there in " + where));
    try {
      byte[] bytes = Files.readAllBytes(file);
      int end = bytes.length;
      while (bytes[end - 1] == 0) {
        end--;
      }
      bytes[where.at(end)] ^= 4;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
