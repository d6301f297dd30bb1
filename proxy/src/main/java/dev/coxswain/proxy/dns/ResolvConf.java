package dev.coxswain.proxy.dns;

import dev.coxswain.proxy.service.Ipv4;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The node's own name servers. */
public final class ResolvConf {
  /** As the C library reads them. */
  private static final int MAX_SERVERS = 3;

  private ResolvConf() {}

  /** The IPv4 name servers of the file but for one address; none when there is no such file. */
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
        .filter(Ipv4::isAddress)
        .filter(address -> !address.equals(except))
        .distinct()
        .limit(MAX_SERVERS)
        .toList();
  }
}
