package dev.coxswain.apiserver.http;

/** What a client is told besides its answer: a {@code Warning} header of code 299 (RFC 7234). */
public final class WarningHeader {
  /** The header's name. */
  public static final String NAME = "Warning";

  private WarningHeader() {}

  /** The header's value for a text; what no header may hold is spelled out. */
  public static String value(String text) {
    StringBuilder value = new StringBuilder("299 - \"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        value.append(String.format("\\\\u%04x", (int) c));
      } else {
        value.append(c == '\\' || c == '"' ? "\\" : "").append(c);
      }
    }
    return value.append('"').toString();
  }
}
