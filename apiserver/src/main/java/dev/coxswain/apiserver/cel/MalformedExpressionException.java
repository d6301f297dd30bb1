package dev.coxswain.apiserver.cel;

/** An expression does not compile. The message names every problem and shows where it is. */
public final class MalformedExpressionException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedExpressionException(String message) {
    super(message);
  }
}
