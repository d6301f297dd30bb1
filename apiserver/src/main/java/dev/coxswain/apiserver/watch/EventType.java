package dev.coxswain.apiserver.watch;

import java.nio.charset.StandardCharsets;

/** The types of watch events, each with the beginning of its line. */
public enum EventType {
  ADDED,
  MODIFIED,
  DELETED,
  BOOKMARK,
  ERROR;

  @SuppressWarnings("ImmutableEnumChecker") // Never written to after this line.
  private final byte[] head =
      ("{\"type\":\"" + name() + "\",\"object\":").getBytes(StandardCharsets.US_ASCII);

  /** What stands before the object. */
  public byte[] head() {
    return head;
  }
}
