package dev.coxswain.store.member;

import java.util.ArrayList;
import java.util.List;

/** One member of {@code --initial-cluster}: its name and where its peers reach it. */
public record Founder(String name, MemberUrl peerUrl) {
  /** Reads {@code name=https://host:port,…}. */
  public static List<Founder> parse(String text) {
    List<Founder> founders = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException(
            "--initial-cluster: \"" + part + "\" must read name=https://host:port");
      }
      founders.add(
          new Founder(
              part.substring(0, equals).trim(),
              MemberUrl.parse(part.substring(equals + 1), "--initial-cluster")));
    }
    long names = founders.stream().map(Founder::name).distinct().count();
    long urls = founders.stream().map(Founder::peerUrl).distinct().count();
    if (names != founders.size() || urls != founders.size()) {
      throw new IllegalArgumentException(
          "--initial-cluster: every member needs a name and a peer URL of its own");
    }
    return List.copyOf(founders);
  }

  /** The identity this founder gets in a cluster with this token. */
  public long id(String token) {
    return Identity.founder(List.of(peerUrl.toString()), token);
  }
}
