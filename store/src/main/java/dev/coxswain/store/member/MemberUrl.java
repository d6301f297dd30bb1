package dev.coxswain.store.member;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A URL a member listens on or is reached at: scheme, host, port, nothing more. */
public record MemberUrl(boolean secure, String host, int port) {
  private static final int LAST_PORT = 65_535;

  /**
   * Host and port where Java finds no host: names of containers may have underscores, which no name
   * of the Internet has.
   */
  private static final Pattern UNDERSCORED = Pattern.compile("([A-Za-z0-9._-]+):([0-9]{1,5})");

  /** Reads {@code http(s)://host:port}; names the flag or field when it is not one. */
  public static MemberUrl parse(String text, String where) {
    URI uri;
    try {
      uri = URI.create(text.trim());
    } catch (IllegalArgumentException e) {
      throw bad(text, where, "it is not a URL");
    }
    String scheme = uri.getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme)) {
      throw bad(text, where, "it must start with https:// (or http:// on loopback)");
    }
    String host = uri.getHost();
    int port = uri.getPort();
    Matcher underscored = UNDERSCORED.matcher(Objects.requireNonNullElse(uri.getAuthority(), ""));
    if (host == null && underscored.matches()) {
      host = underscored.group(1);
      port = Integer.parseInt(underscored.group(2));
    }
    if (host == null || port < 0 || port > LAST_PORT) {
      throw bad(text, where, "it must name a host and a port");
    }
    if (uri.getRawPath() != null && !uri.getRawPath().isEmpty() && !"/".equals(uri.getRawPath())) {
      throw bad(text, where, "it must not have a path");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new MemberUrl("https".equals(scheme), bare, port);
  }

  private static IllegalArgumentException bad(String text, String where, String why) {
    return new IllegalArgumentException(where + ": \"" + text + "\" cannot be used, " + why);
  }

  /** Whether the host is this machine's loopback, the only place where plain text is let pass. */
  public boolean loopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Host and port as one word. */
  public String authority() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority();
  }
}
