package dev.coxswain.kubelet.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A call that the container runtime refused or did not answer. */
public final class CriException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status.Code code;

  /** A failure with the runtime's own words. */
  public CriException(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  static CriException of(StatusRuntimeException failure) {
    String description = failure.getStatus().getDescription();
    Status.Code code = failure.getStatus().getCode();
    CriException wrapped =
        new CriException(
            code,
            "rpc error: code = "
                + spelled(code)
                + " desc = "
                + (description == null ? "" : description));
    wrapped.initCause(failure);
    return wrapped;
  }

  /** The gRPC code. */
  public Status.Code code() {
    return code;
  }

  /** Whether the runtime says that the thing is not there. */
  public boolean isNotFound() {
    return code == Status.Code.NOT_FOUND;
  }

  /**
   * Whether the runtime could not be reached, so that nothing is known of what became of the call.
   */
  public boolean isUnavailable() {
    return code == Status.Code.UNAVAILABLE;
  }

  /** Codes as Go programs print them, because people search logs and events for these words. */
  private static String spelled(Status.Code code) {
    StringBuilder text = new StringBuilder();
    for (String word : code.name().split("_", -1)) {
      text.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return text.toString();
  }
}
