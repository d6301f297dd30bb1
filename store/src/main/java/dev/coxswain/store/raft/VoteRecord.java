package dev.coxswain.store.raft;

import dev.coxswain.runtime.file.DurableFile;
import dev.coxswain.store.disk.DamagedException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A second record, with a checksum, of the term and the vote that Ratis keeps in {@code raft-meta}
 * without one. A bit that flips there might let a member vote twice in a term, and two leaders come
 * of that. It is written before a vote leaves this member and when this member begins to lead;
 * whatever else changes {@code raft-meta} promises nobody anything.
 */
final class VoteRecord {
  private static final Logger LOG = LoggerFactory.getLogger(VoteRecord.class);
  private static final String META = "raft-meta";
  private static final String RECORD = "votes";

  private final Path meta;
  private final Path record;
  private @Nullable Vote kept;

  /** The newest term a member knows of, and for whom it voted in it; empty for nobody. */
  record Vote(long term, String candidate) {
    /** Whether what is said later can follow on this. */
    boolean mayBecome(Vote later) {
      return later.term > term
          || (later.term == term && (candidate.isEmpty() || candidate.equals(later.candidate)));
    }

    private String text() {
      String said = "term=%s%nvote=%s%n".formatted(term, candidate);
      return "%schecksum=%08x%n".formatted(said, checksum(said));
    }

    private static int checksum(String text) {
      CRC32C crc = new CRC32C();
      crc.update(text.getBytes(StandardCharsets.UTF_8));
      return (int) crc.getValue();
    }
  }

  /** The record of a group, whose directory need not exist yet. */
  VoteRecord(Path group) {
    this.meta = group.resolve("current").resolve(META);
    this.record = group.resolve(RECORD);
  }

  /** Fails when {@code raft-meta} cannot be what was written. Before Ratis reads it. */
  void check() throws IOException {
    Optional<Vote> before = recorded();
    if (!Files.exists(meta)) {
      if (before.isPresent()) {
        throw new DamagedException(meta + " is lost");
      }
      return;
    }
    Vote now = read();
    if (before.isPresent() && !before.get().mayBecome(now)) {
      throw new DamagedException(
          "%s is damaged: it says %s after %s".formatted(meta, now, before.get()));
    }
  }

  /** Keeps what {@code raft-meta} says now; on return it is on the disk. */
  synchronized void keep() throws IOException {
    Vote now = read();
    if (!now.equals(kept)) {
      DurableFile.writeSecret(record, now.text());
      kept = now;
    }
  }

  private Vote read() throws IOException {
    Properties properties = properties(meta);
    String candidate = properties.getProperty("votedFor");
    try {
      if (candidate != null) {
        return new Vote(Long.parseLong(properties.getProperty("term")), candidate);
      }
    } catch (NumberFormatException e) {
      throw new DamagedException(meta + " is damaged: it does not say which term it is", e);
    }
    throw new DamagedException(meta + " is damaged: it does not say for whom was voted");
  }

  private Optional<Vote> recorded() throws IOException {
    if (!Files.exists(record)) {
      return Optional.empty();
    }
    try {
      Properties properties = properties(record);
      Vote vote =
          new Vote(
              Long.parseLong(properties.getProperty("term")), properties.getProperty("vote", ""));
      if (Files.readString(record, StandardCharsets.ISO_8859_1).equals(vote.text())) {
        return Optional.of(vote);
      }
    } catch (NumberFormatException | DamagedException e) {
      LOG.debug("{} cannot be read: {}", record, e.toString());
    }
    // The other record has to do, as if there were only that; the next vote writes both.
    LOG.warn("{} is damaged: the votes of this member cannot be checked", record);
    return Optional.empty();
  }

  private static Properties properties(Path file) throws IOException {
    Properties properties = new Properties();
    try {
      // Any byte is a character there: what is damaged can be read, too.
      properties.load(new StringReader(Files.readString(file, StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException e) {
      throw new DamagedException(file + " is damaged", e);
    }
    return properties;
  }
}
