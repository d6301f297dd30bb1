package dev.coxswain.store.member;

import dev.coxswain.runtime.file.DurableFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * The mark a member leaves in its data directory, so that lost data is noticed: a member whose mark
 * says it was formed but whose log is gone would otherwise come back empty and might vote against
 * what it once promised.
 */
public record MemberMark(
    long memberId, long clusterId, UUID group, boolean formed, boolean removed) {
  private static final String FILE = "member.properties";

  /** Where in the data directory the log and its snapshots lie. */
  public static final String LOG = "raft";

  /** The mark of a founding member; everybody who is given the same founders computes the same. */
  public static MemberMark founding(Founder self, List<Founder> founders, String token) {
    long cluster =
        Identity.cluster(founders.stream().map(founder -> founder.id(token)).toList(), token);
    return new MemberMark(
        self.id(token),
        cluster,
        new UUID(cluster, Identity.cluster(List.of(cluster), token)),
        false,
        false);
  }

  /** Reads the mark, if there is one. */
  public static Optional<MemberMark> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    properties.load(new StringReader(Files.readString(file)));
    try {
      return Optional.of(
          new MemberMark(
              Long.parseUnsignedLong(value(properties, "member"), 16),
              Long.parseUnsignedLong(value(properties, "cluster"), 16),
              UUID.fromString(value(properties, "group")),
              Boolean.parseBoolean(value(properties, "formed")),
              Boolean.parseBoolean(properties.getProperty("removed"))));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static String value(Properties properties, String name) {
    String value = properties.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException("it does not say \"" + name + "\"");
    }
    return value;
  }

  /** Writes the mark so that it survives a power failure. */
  public void write(Path directory) throws IOException {
    String text =
        "member=%s%ncluster=%s%ngroup=%s%nformed=%s%nremoved=%s%n"
            .formatted(Identity.text(memberId), Identity.text(clusterId), group, formed, removed);
    DurableFile.writeSecret(directory.resolve(FILE), text);
  }

  /** The same mark, saying that the log exists. */
  public MemberMark asFormed() {
    return new MemberMark(memberId, clusterId, group, true, removed);
  }

  /** The same mark, saying that the member was removed from its cluster for good. */
  public MemberMark asRemoved() {
    return new MemberMark(memberId, clusterId, group, formed, true);
  }
}
