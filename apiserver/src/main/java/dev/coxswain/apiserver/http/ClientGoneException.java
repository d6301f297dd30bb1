package dev.coxswain.apiserver.http;

/** The client closed the connection before its answer was sent. */
public final class ClientGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClientGoneException() {
    super("the client went away");
  }
}
