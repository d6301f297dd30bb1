package dev.coxswain.proxy.policy;

import dev.coxswain.proxy.iptables.ChainNames;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Sends the first packets of connections through chains, as the kernel would. */
record Packets(Map<String, List<String>> chains) {

  /** A packet; its mark is set on the way. */
  private static final class Packet {
    final String from;
    final String to;
    final String protocol;
    final int port;
    boolean marked;

    Packet(String from, String to, String protocol, int port) {
      this.from = from;
      this.to = to;
      this.protocol = protocol;
      this.port = port;
    }
  }

  boolean pass(String from, String to, String protocol, int port) {
    return !dropped(ChainNames.NETWORK_POLICY, new Packet(from, to, protocol, port));
  }

  private boolean dropped(String chain, Packet packet) {
    for (String rule : Objects.requireNonNull(chains.get(chain), chain)) {
      if (matches(rule, packet)) {
        String target = rule.substring(rule.indexOf("-j ") + 3);
        switch (target.split(" ", -1)[0]) {
          case "DROP" -> {
            return true;
          }
          case "RETURN" -> {
            return false;
          }
          case "MARK" -> packet.marked = target.contains("--or-mark");
          default -> {
            if (dropped(target, packet)) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  private static boolean matches(String rule, Packet packet) {
    String match = rule.replaceAll("--comment \"[^\"]*\"", "");
    return !match.contains("ESTABLISHED")
        && in(argument(match, "-s"), packet.from)
        && in(argument(match, "-d"), packet.to)
        && (argument(match, "-p").isEmpty() || argument(match, "-p").equals(packet.protocol))
        && port(argument(match, "--dport"), packet.port)
        && (!match.contains("-m mark") || packet.marked);
  }

  private static String argument(String rule, String option) {
    List<String> words = List.of(rule.split(" ", -1));
    int at = words.indexOf(option);
    return at < 0 ? "" : words.get(at + 1);
  }

  private static boolean port(String range, int port) {
    if (range.isEmpty()) {
      return true;
    }
    String[] ends = range.split(":", -1);
    return Integer.parseInt(ends[0]) <= port && port <= Integer.parseInt(ends[ends.length - 1]);
  }

  private static boolean in(String range, String address) {
    if (range.isEmpty()) {
      return true;
    }
    String[] parts = range.split("/", -1);
    int bits = Integer.parseInt(parts[1]);
    return bits == 0 || number(parts[0]) >>> (32 - bits) == number(address) >>> (32 - bits);
  }

  private static long number(String address) {
    long number = 0;
    for (String octet : address.split("[.]", -1)) {
      number = number << 8 | Long.parseLong(octet);
    }
    return number;
  }
}
