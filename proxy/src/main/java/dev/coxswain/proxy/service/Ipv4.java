package dev.coxswain.proxy.service;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Recognizes IPv4 text; whatever ends up in a rule has passed through here. */
public final class Ipv4 {
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String ADDRESS = "(" + OCTET + "\\.){3}" + OCTET;
  private static final Pattern ADDRESS_PATTERN = Pattern.compile(ADDRESS);
  private static final Pattern RANGE_PATTERN = Pattern.compile(ADDRESS + "/(3[0-2]|[12]?\\d)");

  private Ipv4() {}

  /** Whether the text is a dotted address. */
  public static boolean isAddress(@Nullable String text) {
    return text != null && ADDRESS_PATTERN.matcher(text).matches();
  }

  /** Whether the text is an address that is no machine's own, so that traffic may be sent there. */
  public static boolean isOfOthers(@Nullable String text) {
    if (!isAddress(text)) {
      return false;
    }
    InetAddress address = InetAddress.ofLiteral(text);
    return !address.isAnyLocalAddress()
        && !address.isLoopbackAddress()
        && !address.isLinkLocalAddress()
        && !address.isMulticastAddress();
  }

  /** Whether the text is {@code address/prefix}. */
  public static boolean isRange(@Nullable String text) {
    return text != null && RANGE_PATTERN.matcher(text).matches();
  }
}
