package dev.coxswain.apiserver.cel.library;

import com.google.re2j.Pattern;
import dev.cel.common.exceptions.CelBadFormatException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;

/** An IPv4 or IPv6 address, four or sixteen bytes. */
public final class IpAddress {
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern FOUR = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final int GROUPS = 8;

  /** What is said of a text that should be an address. */
  public static final String EXPECTED =
      "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Reads an address; names are never looked up. */
  static IpAddress parse(String text) {
    if (text.indexOf('%') >= 0) {
      throw new CelBadFormatException("IP address \"" + text + "\" with zone value is not allowed");
    }
    try {
      if (FOUR.matches(text)) {
        return new IpAddress(InetAddress.ofLiteral(text).getAddress());
      }
      if (text.indexOf(':') >= 0 && text.indexOf('[') < 0) {
        InetAddress address = Inet6Address.ofLiteral(text);
        if (!(address instanceof Inet6Address)) {
          throw new CelBadFormatException(
              "IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return new IpAddress(address.getAddress());
      }
    } catch (IllegalArgumentException malformed) {
      throw unreadable(text);
    }
    throw unreadable(text);
  }

  /** What is wrong with the name of an object that is called after its address. */
  public static Optional<String> nameProblem(String text) {
    try {
      String canonical = parse(text).toString();
      return canonical.equals(text)
          ? Optional.empty()
          : Optional.of("must be in canonical form (\"" + canonical + "\")");
    } catch (CelBadFormatException malformed) {
      return Optional.of(EXPECTED);
    }
  }

  /** Whether a text is an address, however it is written. */
  public static boolean isAddress(String text) {
    try {
      parse(text);
      return true;
    } catch (CelBadFormatException malformed) {
      return false;
    }
  }

  private static CelBadFormatException unreadable(String text) {
    return new CelBadFormatException(
        "IP Address \""
            + text
            + "\" parse error during conversion from string: ParseAddr(\""
            + text
            + "\"): unable to parse IP");
  }

  int bits() {
    return bytes.length * 8;
  }

  boolean isFour() {
    return bytes.length == 4;
  }

  private int octet(int index) {
    return bytes[index] & 0xff;
  }

  boolean isUnspecified() {
    return zeros(bytes.length);
  }

  private boolean zeros(int count) {
    for (int i = 0; i < count; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  boolean isLoopback() {
    return isFour() ? octet(0) == 127 : zeros(15) && octet(15) == 1;
  }

  boolean isLinkLocalMulticast() {
    return isFour()
        ? octet(0) == 224 && octet(1) == 0 && octet(2) == 0
        : octet(0) == 0xff && (octet(1) & 0x0f) == 2;
  }

  boolean isLinkLocalUnicast() {
    return isFour()
        ? octet(0) == 169 && octet(1) == 254
        : octet(0) == 0xfe && (octet(1) & 0xc0) == 0x80;
  }

  private boolean isMulticast() {
    return isFour() ? (octet(0) & 0xf0) == 0xe0 : octet(0) == 0xff;
  }

  private boolean isBroadcast() {
    return isFour() && Arrays.equals(bytes, new byte[] {-1, -1, -1, -1});
  }

  boolean isGlobalUnicast() {
    return !isUnspecified()
        && !isLoopback()
        && !isMulticast()
        && !isLinkLocalUnicast()
        && !isBroadcast();
  }

  /** The address with all bits behind the first {@code length} cleared. */
  IpAddress masked(int length) {
    byte[] kept = bytes.clone();
    for (int i = 0; i < kept.length; i++) {
      int here = Math.clamp(length - i * 8L, 0, 8);
      kept[i] &= (byte) (0xff << (8 - here));
    }
    return new IpAddress(kept);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The canonical text (RFC 5952). */
  @Override
  public String toString() {
    if (isFour()) {
      return octet(0) + "." + octet(1) + "." + octet(2) + "." + octet(3);
    }
    int[] groups = new int[GROUPS];
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = octet(2 * i) << 8 | octet(2 * i + 1);
    }
    int from = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        from = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == from) {
        text.append("::");
        i += length - 1;
        continue;
      }
      if (i > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
