package dev.coxswain.apiserver.cel.library;

import dev.cel.common.exceptions.CelBadFormatException;
import java.util.Optional;

/**
 * A block of addresses in CIDR notation.
 *
 * @param address the address as it was given, which need not be the first
 * @param length the number of bits that all addresses share
 */
public record AddressBlock(IpAddress address, int length) {

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

  /** What is wrong with a range in a field that has always taken any address of the range. */
  public static Optional<String> legacyProblem(String text) {
    try {
      parse(text);
      return Optional.empty();
    } catch (CelBadFormatException malformed) {
      return Optional.of("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
    }
  }

  /** Whether one sound range is a part of another, and not all of it. */
  public static boolean strictlyWithin(String inner, String outer) {
    AddressBlock whole = parse(outer);
    AddressBlock part = parse(inner);
    return part.length > whole.length && whole.contains(part);
  }

  /** What is wrong with a range that an object names, in the words of its validation. */
  public static Optional<String> problem(String text) {
    Optional<String> unreadable = legacyProblem(text);
    if (unreadable.isPresent()) {
      return unreadable;
    }
    AddressBlock block = parse(text);
    if (!block.equals(block.masked())) {
      return Optional.of("must not have bits set beyond the prefix length");
    }
    String canonical = block.toString();
    return canonical.equals(text)
        ? Optional.empty()
        : Optional.of("must be in canonical form (\"" + canonical + "\")");
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
