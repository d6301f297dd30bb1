package dev.coxswain.store.member;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** A URL a member listens on or is reached at: scheme, host, port, nothing more. */
public record MemberUrl(boolean secure, String host, int port) {
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
    if (host == null || uri.getPort() < 0) {
      throw bad(text, where, "it must name a host and a port");
    }
    if (uri.getRawPath() != null && !uri.getRawPath().isEmpty() && !"/".equals(uri.getRawPath())) {
      throw bad(text, where, "it must not have a path");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new MemberUrl("https".equals(scheme), bare, uri.getPort());
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
