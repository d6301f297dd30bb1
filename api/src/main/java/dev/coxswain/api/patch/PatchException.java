package dev.coxswain.api.patch;

/** A patch that is malformed, or that does not apply to the document. */
public final class PatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean malformed;

  private PatchException(String message, boolean malformed) {
    super(message);
    this.malformed = malformed;
  }

  static PatchException malformed(String message) {
    return new PatchException(message, true);
  }

  static PatchException inapplicable(String message) {
    return new PatchException(message, false);
  }

  /** Whether the patch is wrong whatever the document (400), or does not fit this one (422). */
  public boolean isMalformed() {
    return malformed;
  }
}
