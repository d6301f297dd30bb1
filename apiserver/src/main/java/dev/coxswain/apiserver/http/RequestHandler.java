package dev.coxswain.apiserver.http;

/** Answers requests, each on a virtual thread of its own. */
public interface RequestHandler {
  /** Answers; may block. */
  void handle(Exchange exchange) throws InterruptedException;

  /** What is said to a client whose body is not taken in. */
  Answer refusal(Refusal refusal);
}
