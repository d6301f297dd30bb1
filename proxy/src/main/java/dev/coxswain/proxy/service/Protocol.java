package dev.coxswain.proxy.service;

/** The transport of a service port. */
public enum Protocol {
  TCP("tcp"),
  UDP("udp"),
  SCTP("sctp");

  private final String text;

  Protocol(String text) {
    this.text = text;
  }

  /** In lower case, as rules spell it. */
  public String text() {
    return text;
  }

  /** From the API's spelling; an absent one means TCP. */
  public static Protocol of(@org.jspecify.annotations.Nullable String text) {
    return switch (text == null ? "TCP" : text) {
      case "TCP" -> TCP;
      case "UDP" -> UDP;
      case "SCTP" -> SCTP;
      default ->
          throw new IllegalArgumentException("protocol " + text + " is not TCP, UDP or SCTP");
    };
  }
}
