package dev.coxswain.api.patch;

/** A patch that is malformed, or that does not apply to the document. */
public final class PatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private enum Fault {
    MALFORMED,
    INAPPLICABLE,
    FAILED_TEST
  }

  private final Fault fault;

  private PatchException(String message, Fault fault) {
    super(message);
    this.fault = fault;
  }

  static PatchException malformed(String message) {
    return new PatchException(message, Fault.MALFORMED);
  }

  static PatchException inapplicable(String message) {
    return new PatchException(message, Fault.INAPPLICABLE);
  }

  static PatchException failedTest(String message) {
    return new PatchException(message, Fault.FAILED_TEST);
  }

  /** Whether the patch is wrong whatever the document (400), or does not fit this one (422). */
  public boolean isMalformed() {
    return fault == Fault.MALFORMED;
  }

  /** Whether the patch tested the document, and found something else. */
  public boolean isFailedTest() {
    return fault == Fault.FAILED_TEST;
  }
}
