package dev.coxswain.controllers.certificates;

/** That a request is none that its signer signs; the message says why. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1;

  Refused(String message) {
    super(message);
  }
}
