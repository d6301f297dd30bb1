package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Exchange;

/** Lets requests in as fast as they can be answered. */
public interface Turnstile {
  /** Lets everybody in. */
  Turnstile OPEN = (exchange, info, query, user) -> () -> {};

  /**
   * Returns as soon as it is this request's turn.
   *
   * @throws dev.coxswain.api.status.ApiException with reason {@code TooManyRequests} where it will
   *     not be soon
   */
  Seat enter(Exchange exchange, RequestInfo info, Query query, UserInfo user)
      throws InterruptedException;

  /** What a request has while it is answered. */
  @FunctionalInterface
  interface Seat extends AutoCloseable {
    /** Gives it back. */
    @Override
    void close();
  }
}
