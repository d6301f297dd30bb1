package dev.coxswain.kubelet.probe;

import dev.coxswain.proto.health.HealthCheckRequest;
import dev.coxswain.proto.health.HealthCheckResponse;
import dev.coxswain.proto.health.HealthGrpc;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One question to a container's gRPC health service, without TLS, as upstream asks it. */
final class GrpcCheck {
  private GrpcCheck() {}

  static CheckResult run(GRPCAction action, String podAddress, Duration timeout) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(podAddress, action.getPort())
            .usePlaintext()
            .userAgent("kube-probe/1.34")
            .build();
    try {
      HealthCheckRequest question =
          HealthCheckRequest.newBuilder()
              .setService(action.getService() == null ? "" : action.getService())
              .build();
      HealthCheckResponse answer =
          HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              .check(question);
      return answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING
          ? CheckResult.PASSED
          : CheckResult.failed(
              "service unhealthy (responded with \"" + answer.getStatus().name() + "\")");
    } catch (StatusRuntimeException failure) {
      return CheckResult.failed(words(failure.getStatus(), podAddress, action, timeout));
    } finally {
      channel.shutdownNow();
    }
  }

  private static String words(
      Status status, String podAddress, GRPCAction action, Duration timeout) {
    String description = status.getDescription() == null ? "" : ": " + status.getDescription();
    return switch (status.getCode()) {
      case UNIMPLEMENTED ->
          "error: this server does not implement the grpc health protocol (grpc.health.v1.Health)"
              + description;
      case DEADLINE_EXCEEDED ->
          "timeout: health rpc did not complete within " + timeout.toSeconds() + "s";
      case UNAVAILABLE ->
          "error: failed to connect service \""
              + podAddress
              + ":"
              + action.getPort()
              + "\""
              + description;
      default -> "error: health rpc probe failed" + description;
    };
  }
}
