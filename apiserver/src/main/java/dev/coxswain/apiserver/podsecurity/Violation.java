package dev.coxswain.apiserver.podsecurity;

/**
 * A rule that a pod breaks.
 *
 * @param reason which rule, such as {@code host namespaces}
 * @param detail what breaks it; may be empty
 */
record Violation(String reason, String detail) {
  @Override
  public String toString() {
    return detail.isEmpty() ? reason : reason + " (" + detail + ")";
  }
}
