package dev.coxswain.apiserver.http;

/** What a client is told besides its answer: a {@code Warning} header of code 299 (RFC 7234). */
public final class WarningHeader {
  /** The header's name. */
  public static final String NAME = "Warning";

  private WarningHeader() {}

  /** The header's value for a text. */
  public static String value(String text) {
    return "299 - \"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
