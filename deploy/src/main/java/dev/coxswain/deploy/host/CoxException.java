package dev.coxswain.deploy.host;

/** What keeps {@code cox} from going on, in one line for a person: the cause and the next step. */
public final class CoxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CoxException(String message) {
    super(message);
  }

  public CoxException(String message, Throwable cause) {
    super(message, cause);
  }
}
