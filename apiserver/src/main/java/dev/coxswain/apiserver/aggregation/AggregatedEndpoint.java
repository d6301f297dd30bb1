package dev.coxswain.apiserver.aggregation;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.connect.Handover;
import dev.coxswain.apiserver.connect.Target;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Endpoint;

/** Hands a request on to the server that serves its version. */
final class AggregatedEndpoint implements Endpoint {
  private final Aggregated service;
  private final FrontProxy proxy;
  private final Handover handover;

  AggregatedEndpoint(Aggregated service, FrontProxy proxy, Handover handover) {
    this.service = service;
    this.proxy = proxy;
    this.handover = handover;
  }

  @Override
  public void handle(ApiRequest request) throws InterruptedException {
    if (!service.available()) {
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "service unavailable");
    }
    String query = request.http().query();
    Target target =
        proxy.target(service, request.http().path() + (query.isEmpty() ? "" : "?" + query));
    handover.handOver(target, request, service.host(), FrontProxy.identity(request.user()));
  }
}
