package dev.coxswain.api.status;

/**
 * A request that failed with a {@code Status}: thrown by the API server's request path and by the
 * API client alike.
 */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ApiStatus status;

  /** Fails with this status; its message becomes the exception's. */
  public ApiException(ApiStatus status) {
    super(status.message());
    this.status = status;
  }

  /** Fails with the reason's own code and no details. */
  public ApiException(StatusReason reason, String message) {
    this(ApiStatus.of(reason, message));
  }

  /** The whole status. */
  public ApiStatus status() {
    return status;
  }

  /** Whether the namespace is about to go, so that nothing more can be made in it. */
  public boolean namespaceGoes() {
    return status.details().causes().stream()
        .anyMatch(cause -> cause.reason().equals("NamespaceTerminating"));
  }

  /** Whether the status gives this reason. */
  public boolean is(StatusReason reason) {
    return status.reason() == reason;
  }
}
