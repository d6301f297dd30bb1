package dev.coxswain.apiserver.schema;

/** A body that is no object of its kind: bad JSON, or a value of the wrong type. A 400. */
public final class MalformedObjectException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedObjectException(String message) {
    super(message);
  }

  MalformedObjectException(String message, Throwable cause) {
    super(message, cause);
  }
}
