package dev.coxswain.apiserver.cel.library;

import dev.cel.common.exceptions.CelBadFormatException;

/**
 * A block of addresses in CIDR notation.
 *
 * @param address the address as it was given, which need not be the first
 * @param length the number of bits that all addresses share
 */
record AddressBlock(IpAddress address, int length) {

  static AddressBlock parse(String text) {
    int slash = text.lastIndexOf('/');
    String digits = slash < 0 ? "" : text.substring(slash + 1);
    boolean number =
        !digits.isEmpty()
            && digits.length() <= 3
            && digits.chars().allMatch(c -> c >= '0' && c <= '9')
            && (digits.length() == 1 || !digits.startsWith("0"));
    if (!number) {
      throw unreadable(text, slash < 0 ? "no '/'" : "bad bits after slash: \"" + digits + "\"");
    }
    IpAddress address;
    try {
      address = IpAddress.parse(text.substring(0, slash));
    } catch (CelBadFormatException malformed) {
      throw unreadable(text, String.valueOf(malformed.getMessage()));
    }
    int length = Integer.parseInt(digits);
    if (length > address.bits()) {
      throw unreadable(text, "prefix length out of range");
    }
    return new AddressBlock(address, length);
  }

  private static CelBadFormatException unreadable(String text, String problem) {
    return new CelBadFormatException(
        "network address parse error during conversion from string: netip.ParsePrefix(\""
            + text
            + "\"): "
            + problem);
  }

  boolean contains(IpAddress other) {
    return other.isFour() == address.isFour()
        && other.masked(length).equals(address.masked(length));
  }

  boolean contains(AddressBlock other) {
    return other.length >= length && contains(other.address);
  }

  AddressBlock masked() {
    return new AddressBlock(address.masked(length), length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
