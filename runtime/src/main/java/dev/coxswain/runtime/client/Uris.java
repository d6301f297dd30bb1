package dev.coxswain.runtime.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Percent-encoding. */
final class Uris {
  private Uris() {}

  /** One segment of a path. */
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A name or a value of a query. */
  static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
