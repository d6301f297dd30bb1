package dev.coxswain.apiserver.request;

import dev.coxswain.apiserver.audit.Annotations;
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
 * @param annotations what is said to who reads the audit log
 */
public record ApiRequest(
    Exchange exchange, RequestInfo info, Query query, UserInfo user, Annotations annotations) {

  /** As it came. */
  public HttpRequest http() {
    return exchange.request();
  }
}
