package dev.coxswain.apiserver.storage;

/** The store no longer has the revision that was asked for. */
public final class CompactedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says which revision was asked for. */
  public CompactedException(String message) {
    super(message);
  }
}
