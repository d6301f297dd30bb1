package dev.coxswain.apiserver.service;

import java.util.Optional;

/**
 * A range of IPv4 addresses, of which the first (the network) and the last (broadcast) are not
 * given out.
 *
 * @param network the first address as a number
 * @param size how many addresses
 */
public record AddressRange(long network, long size) {
  private static final int BITS = 32;

  /** The sizes that the flag allows: a /30 and a /8. */
  private static final long SMALLEST_FLAG = 4;

  private static final long LARGEST_FLAG = 1L << 24;

  /** A range of no more addresses keeps none apart. */
  private static final long SMALL = 16;

  /**
   * Reads {@code 10.96.0.0/12}.
   *
   * @throws IllegalArgumentException where it is not such a range
   */
  public static AddressRange parse(String cidr) {
    return find(cidr)
        .filter(range -> range.size() >= SMALLEST_FLAG && range.size() <= LARGEST_FLAG)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--service-cluster-ip-range: " + cidr + " is no IPv4 range such as 10.96.0.0/12"));
  }

  /** Reads a range of any size; empty where the text is no IPv4 range. */
  static Optional<AddressRange> find(String cidr) {
    int slash = cidr.indexOf('/');
    long address = slash < 0 ? -1 : number(cidr.substring(0, slash));
    try {
      int prefix = slash < 0 ? -1 : Integer.parseInt(cidr.substring(slash + 1));
      if (address >= 0 && prefix >= 0 && prefix <= BITS) {
        long size = 1L << (BITS - prefix);
        return Optional.of(new AddressRange(address & -size, size));
      }
    } catch (NumberFormatException e) {
      // Told by the empty answer.
    }
    return Optional.empty();
  }

  /** An IPv4 address as a number; -1 where the text is none. */
  static long number(String address) {
    if (!address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      return -1;
    }
    long number = 0;
    for (String part : address.split("\\.", -1)) {
      int octet = Integer.parseInt(part);
      if (octet > 255) {
        return -1;
      }
      number = number << 8 | octet;
    }
    return number;
  }

  /** As it is written, from the network's own address on: {@code 10.96.0.0/12}. */
  public String cidr() {
    return at(0) + "/" + (BITS - Long.numberOfTrailingZeros(size));
  }

  /** The address with this offset. */
  public String at(long offset) {
    long number = network + offset;
    return (number >> 24)
        + "."
        + (number >> 16 & 255)
        + "."
        + (number >> 8 & 255)
        + "."
        + (number & 255);
  }

  /** Whether an address is of this range, be it one that can be given out or not. */
  boolean contains(String address) {
    long offset = number(address) - network;
    return number(address) >= 0 && offset >= 0 && offset < size;
  }

  /** Whether an address can be given out. */
  public boolean usable(String address) {
    long offset = number(address) - network;
    return number(address) >= 0 && offset > 0 && offset < size - 1;
  }

  /** How many addresses at the beginning are kept for those who ask for a certain one. */
  long reserved() {
    // Upstream's rule: min(max(16, size / 16), 256), nothing of a small range.
    return size <= SMALL ? 0 : Math.min(Math.max(16, size / 16), 256);
  }
}
