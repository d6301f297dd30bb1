package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.request.ApiRequest;

/**
 * The path of a proxied request.
 *
 * @param prefix what leads to the other side, {@code …/proxy}, as it was sent
 * @param path what is asked of the other side, as it was sent; empty, or from a slash on
 */
record ProxyPath(String prefix, String path) {
  static ProxyPath of(ApiRequest request) {
    String whole = request.http().path();
    String rest = request.info().rest();
    if (rest.isEmpty()) {
      boolean slash = whole.endsWith("/");
      return new ProxyPath(
          slash ? whole.substring(0, whole.length() - 1) : whole, slash ? "/" : "");
    }
    int end = whole.length() - rest.length() - 1;
    return new ProxyPath(whole.substring(0, end), whole.substring(end));
  }

  /** What the other side is asked for, with the query. */
  String uri(String query) {
    return (path.isEmpty() ? "/" : path) + (query.isEmpty() ? "" : "?" + query);
  }
}
