package dev.coxswain.apiserver.request;

/** Answers the requests of some paths. */
@FunctionalInterface
public interface Endpoint {

  /**
   * Answers through {@link ApiRequest#exchange}; may block.
   *
   * @throws dev.coxswain.api.status.ApiException to answer with a status
   */
  void handle(ApiRequest request) throws InterruptedException;
}
