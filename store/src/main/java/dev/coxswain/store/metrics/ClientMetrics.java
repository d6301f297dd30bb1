package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;

/** What the metrics tell of clients: their calls, what they speak, and their bytes. */
public final class ClientMetrics {
  private final ClientRequests requests;
  private final CallCounts calls;
  private final ClientTraffic traffic;

  /** Registers the metrics. */
  public ClientMetrics(Metrics metrics) {
    this.requests = new ClientRequests(metrics);
    this.calls = new CallCounts(metrics);
    this.traffic = new ClientTraffic(metrics);
  }

  /** The same service, whose calls are counted; whatever may refuse one belongs inside. */
  public ServerServiceDefinition counted(ServerServiceDefinition service) {
    return calls.counted(ServerInterceptors.intercept(service, requests));
  }

  /** Has the bytes of a server's clients counted. */
  public void watch(ServerBuilder<?> server) {
    server.addStreamTracerFactory(traffic);
  }
}
