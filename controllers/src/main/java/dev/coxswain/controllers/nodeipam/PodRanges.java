package dev.coxswain.controllers.nodeipam;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ranges of 256 addresses (/24) within a cluster's IPv4 pod network.
 *
 * @param first the network's address as a number
 * @param count how many ranges it holds
 */
record PodRanges(long first, int count) {
  private static final int NODE_PREFIX = 24;
  private static final int RANGE = 256;

  private static final Pattern CIDR =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})/(\\d{1,2})");

  /**
   * @throws IllegalArgumentException when the text is no IPv4 network of /8 to /24
   */
  static PodRanges of(String cidr) {
    Matcher matcher = CIDR.matcher(cidr);
    if (!matcher.matches()) {
      throw malformed(cidr);
    }
    long address = 0;
    for (int i = 1; i <= 4; i++) {
      int octet = Integer.parseInt(matcher.group(i));
      if (octet > 255) {
        throw malformed(cidr);
      }
      address = address << 8 | octet;
    }
    int prefix = Integer.parseInt(matcher.group(5));
    if (prefix < 8 || prefix > NODE_PREFIX) {
      throw malformed(cidr);
    }
    int count = 1 << (NODE_PREFIX - prefix);
    return new PodRanges(address & -((long) count * RANGE), count);
  }

  /** The lowest range that is not taken. */
  Optional<String> lowestFree(Set<String> taken) {
    for (int i = 0; i < count; i++) {
      String range = range(i);
      if (!taken.contains(range)) {
        return Optional.of(range);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return range(0) + " to " + range(count - 1);
  }

  private String range(int index) {
    long address = first + (long) index * RANGE;
    return "%d.%d.%d.%d/%d"
        .formatted(
            address >> 24 & 255,
            address >> 16 & 255,
            address >> 8 & 255,
            address & 255,
            NODE_PREFIX);
  }

  private static IllegalArgumentException malformed(String cidr) {
    return new IllegalArgumentException(
        "\"" + cidr + "\" is not an IPv4 network of /8 to /24, such as 10.244.0.0/16");
  }
}
