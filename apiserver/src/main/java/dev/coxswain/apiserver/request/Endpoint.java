package dev.coxswain.apiserver.request;

/** Answers the requests of some paths. */
@FunctionalInterface
public interface Endpoint {
  /** No stored object. */
  byte[] NONE = {};

  /**
   * Answers through {@link ApiRequest#exchange}; may block.
   *
   * @throws dev.coxswain.api.status.ApiException to answer with a status
   */
  void handle(ApiRequest request) throws InterruptedException;

  /** The object that the answer will be worked out from, as it is stored; empty for none. */
  default byte[] basis(RequestInfo info) {
    return NONE;
  }
}
