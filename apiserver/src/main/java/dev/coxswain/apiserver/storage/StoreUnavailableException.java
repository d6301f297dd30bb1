package dev.coxswain.apiserver.storage;

/** No store endpoint answered in time. */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean undecided;

  /**
   * Says what failed.
   *
   * @param undecided whether a write may nevertheless have been stored
   */
  public StoreUnavailableException(String message, boolean undecided, Throwable cause) {
    super(message, cause);
    this.undecided = undecided;
  }

  /** Whether a write may nevertheless have been stored. */
  public boolean undecided() {
    return undecided;
  }
}
