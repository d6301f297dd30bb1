package dev.coxswain.apiserver.http;

/** Answers requests, each on a virtual thread of its own. */
@FunctionalInterface
public interface RequestHandler {
  /** Answers; may block. */
  void handle(Exchange exchange) throws InterruptedException;

  /** The body of an answer to a body of more than {@code limit} bytes, with its code. */
  default Answer tooLarge(int limit) {
    return Answer.text(413, "Request entity too large: limit is " + limit);
  }
}
