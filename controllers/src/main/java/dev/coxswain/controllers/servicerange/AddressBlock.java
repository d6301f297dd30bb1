package dev.coxswain.controllers.servicerange;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/**
 * A range of IPv4 or IPv6 addresses.
 *
 * @param network the first address' bytes
 * @param length how many bits all addresses share
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record AddressBlock(byte[] network, int length) {

  /** Reads {@code 10.96.0.0/12}; empty where the text, which the API server checked, is none. */
  static Optional<AddressBlock> parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    try {
      byte[] network = bytes(cidr.substring(0, slash));
      int length = Integer.parseInt(cidr.substring(slash + 1));
      return length < 0 || length > network.length * 8
          ? Optional.empty()
          : Optional.of(new AddressBlock(network, length));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(String address) {
    // A literal: no name is ever looked up.
    return InetAddress.ofLiteral(address).getAddress();
  }

  /** Whether an address, written as its object's name, is of this range. */
  boolean contains(String address) {
    try {
      return contains(bytes(address));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  /** Whether all addresses of another range are of this one. */
  boolean contains(AddressBlock other) {
    return other.length >= length && contains(other.network);
  }

  private boolean contains(byte[] address) {
    return address.length == network.length
        && Arrays.equals(masked(address, length), masked(network, length));
  }

  private static byte[] masked(byte[] address, int length) {
    byte[] kept = address.clone();
    for (int i = 0; i < kept.length; i++) {
      int here = Math.clamp(length - i * 8L, 0, 8);
      kept[i] &= (byte) (0xff << (8 - here));
    }
    return kept;
  }
}
