package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import java.util.concurrent.atomic.LongAdder;

/** Counts the bytes of what clients of gRPC send and are sent; as etcd, without what frames it. */
final class ClientTraffic extends ServerStreamTracer.Factory {
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();

  /** Knows nothing of the call, so that all share it. */
  private final ServerStreamTracer tracer =
      new ServerStreamTracer() {
        @Override
        public void inboundUncompressedSize(long bytes) {
          received.add(bytes);
        }

        @Override
        public void outboundUncompressedSize(long bytes) {
          sent.add(bytes);
        }
      };

  /** Registers the counters. */
  ClientTraffic(Metrics metrics) {
    counter(
        metrics,
        "etcd_network_client_grpc_received_bytes",
        "Bytes of messages that clients of gRPC sent.",
        received);
    counter(
        metrics,
        "etcd_network_client_grpc_sent_bytes",
        "Bytes of messages that clients of gRPC were sent.",
        sent);
  }

  private static void counter(Metrics metrics, String name, String help, LongAdder sum) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(sum.doubleValue()))
        .register(metrics.registry());
  }

  @Override
  public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
    return tracer;
  }
}
