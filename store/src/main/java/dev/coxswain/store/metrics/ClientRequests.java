package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Counts calls by what the client says it speaks, as etcd does. */
final class ClientRequests implements ServerInterceptor {
  private static final Metadata.Key<String> VERSION =
      Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);
  private static final String UNKNOWN = "unknown";

  /** Clients say what they like: no more of it than this is remembered. */
  private static final int VERSIONS = 16;

  private final Counter calls;
  private final Map<String, Boolean> versions = new ConcurrentHashMap<>();

  /** Registers the counter. */
  ClientRequests(Metrics metrics) {
    this.calls =
        Counter.builder()
            .name("etcd_server_client_requests")
            .help("Calls by their kind and the version that the client speaks.")
            .labelNames("type", "client_api_version")
            .register(metrics.registry());
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    boolean unary = call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY;
    calls.labelValues(unary ? "unary" : "stream", version(headers.get(VERSION))).inc();
    return next.startCall(call, headers);
  }

  private String version(@Nullable String said) {
    if (said == null) {
      return UNKNOWN;
    }
    if (versions.containsKey(said)) {
      return said;
    }
    if (versions.size() >= VERSIONS) {
      return UNKNOWN;
    }
    versions.put(said, true);
    return said;
  }
}
