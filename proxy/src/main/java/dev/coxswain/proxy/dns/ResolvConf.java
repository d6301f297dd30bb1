package dev.coxswain.proxy.dns;

import dev.coxswain.proxy.service.Ipv4;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The node's own name servers. */
public final class ResolvConf {
  /** As the C library reads them. */
  private static final int MAX_SERVERS = 3;

  private ResolvConf() {}

  /** The name servers of the file but for one address; none when there is no such file. */
  public static List<String> servers(Path file, String except) {
    try {
      return parse(Files.readString(file), except);
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<String> parse(String text, String except) {
    return text.lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length >= 2 && words[0].equals("nameserver"))
        .map(words -> words[1])
        .filter(ResolvConf::isAddress)
        .filter(address -> !address.equals(except))
        .distinct()
        .limit(MAX_SERVERS)
        .toList();
  }

  /** An IPv4 address as everybody reads it, or an IPv6 address, of an interface that is there. */
  private static boolean isAddress(String text) {
    if (text.indexOf(':') < 0) {
      return Ipv4.isAddress(text);
    }
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException none) {
      return false;
    }
  }
}
