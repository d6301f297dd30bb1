package dev.coxswain.runtime.client;

/**
 * What to select.
 *
 * @param labelSelector as in the query parameter; empty selects all
 * @param fieldSelector as in the query parameter, such as {@code spec.nodeName=n1}; empty selects
 *     all
 */
public record ListOptions(String labelSelector, String fieldSelector) {
  /** Everything. */
  public static final ListOptions ALL = new ListOptions("", "");

  /** Everything whose fields match. */
  public static ListOptions fields(String selector) {
    return new ListOptions("", selector);
  }

  /** Everything whose labels match. */
  public static ListOptions labels(String selector) {
    return new ListOptions(selector, "");
  }
}
