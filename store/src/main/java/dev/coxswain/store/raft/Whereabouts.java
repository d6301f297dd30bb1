package dev.coxswain.store.raft;

import dev.coxswain.proto.etcd.Member;
import dev.coxswain.runtime.file.DurableFile;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the members are reached, as decided. What changes is written down at once: a member that
 * starts applies its log only after it has reached a majority, and may find nobody where the last
 * snapshot has them.
 *
 * <p>A member that is to move is at its old place until it was started at the new one, so that both
 * are tried; unless somebody else is at the old one now.
 */
final class Whereabouts {
  private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);
  private static final String INDEX = "index";

  private final Path file;
  private final PeerNames names;
  private final Map<Long, List<String>> known = new HashMap<>();
  private long index = -1;

  private Whereabouts(Path file, PeerNames names) {
    this.file = file;
    this.names = names;
  }

  /** What was written down, which need not be anything yet; later changes go to the same file. */
  static Whereabouts read(Path file, PeerNames names) throws IOException {
    Whereabouts whereabouts = new Whereabouts(file, names);
    if (Files.exists(file)) {
      try {
        // Any byte is a character there: what is damaged can be read, too.
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file, StandardCharsets.ISO_8859_1)));
        whereabouts.read(properties);
      } catch (IllegalArgumentException e) {
        LOG.warn("{} is damaged and not used: {}", file, e.getMessage());
        return new Whereabouts(file, names);
      }
    }
    return whereabouts;
  }

  private void read(Properties properties) {
    for (String name : properties.stringPropertyNames()) {
      String value = properties.getProperty(name);
      if (name.equals(INDEX)) {
        index = Long.parseLong(value);
      } else {
        List<String> reached = List.of(value.split(" ", -1));
        reached.forEach(authority -> MemberUrl.parse("http://" + authority, name));
        known.put(Long.parseUnsignedLong(name, 16), reached);
      }
    }
    known.forEach(names::reached);
  }

  /** Takes in the members as decided up to a place in the log. On the applying thread. */
  void follow(Members members, long applied) {
    // Applied once more since a start.
    if (applied < index) {
      return;
    }
    boolean moved = false;
    Set<String> current =
        members.all().stream().map(Whereabouts::authority).collect(Collectors.toSet());
    for (Member member : members.all()) {
      String now = authority(member);
      List<String> before = known.getOrDefault(member.getID(), List.of());
      boolean moves = !before.isEmpty() && !before.getFirst().equals(now);
      List<String> reached = new ArrayList<>(List.of(now));
      before.stream()
          .filter(authority -> !current.contains(authority))
          .limit(1)
          .forEach(reached::add);
      known.put(member.getID(), reached);
      names.reached(member.getID(), reached);
      moved |= moves;
    }
    known.keySet().retainAll(members.all().stream().map(Member::getID).toList());
    if (moved) {
      write(applied);
    }
  }

  private static String authority(Member member) {
    return MemberUrl.parse(member.getPeerURLs(0), "peerURLs").authority();
  }

  private void write(long applied) {
    Map<String, String> lines = new TreeMap<>();
    known.forEach((id, reached) -> lines.put(Identity.text(id), String.join(" ", reached)));
    lines.put(INDEX, Long.toString(applied));
    String text =
        lines.entrySet().stream()
            .map(line -> line.getKey() + "=" + line.getValue() + "\n")
            .collect(Collectors.joining());
    try {
      DurableFile.writeSecret(file, text);
      index = applied;
    } catch (IOException e) {
      LOG.error(
          "where the members are now is not written down, and may have to be found out anew after"
              + " a restart: {}",
          e.toString());
    }
  }
}
