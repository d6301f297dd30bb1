package dev.coxswain.store.etcd;

import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** grpc.health.v1.Health, as etcd has it: whoever gets an answer speaks with one that serves. */
final class HealthService extends HealthGrpc.HealthImplBase {
  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
    if (!request.getService().isEmpty()) {
      observer.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
      return;
    }
    observer.onNext(
        HealthCheckResponse.newBuilder()
            .setStatus(HealthCheckResponse.ServingStatus.SERVING)
            .build());
    observer.onCompleted();
  }
}
