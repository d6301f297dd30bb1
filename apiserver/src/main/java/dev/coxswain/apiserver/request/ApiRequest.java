package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.HttpRequest;

/**
 * A request that has been understood, authenticated and authorized.
 *
 * @param exchange where the answer goes
 * @param info what it is about
 * @param query its parameters
 * @param user who asks
 */
public record ApiRequest(Exchange exchange, RequestInfo info, Query query, UserInfo user) {

  /** As it came. */
  public HttpRequest http() {
    return exchange.request();
  }
}
