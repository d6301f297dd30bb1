package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.WatchGrpc;
import dev.coxswain.runtime.program.Metrics;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** etcd's count of calls by kind and by what the client speaks. */
final class ClientRequestsTest {
  private static final Metadata.Key<String> VERSION =
      Metadata.Key.of("client-api-version", Metadata.ASCII_STRING_MARSHALLER);

  private final Metrics metrics = new Metrics();
  private final ClientRequests requests = new ClientRequests(metrics);

  private record Call<Q, A>(MethodDescriptor<Q, A> method) {
    ServerCall<Q, A> open() {
      return new ServerCall<>() {
        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(A message) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
          return false;
        }

        @Override
        public MethodDescriptor<Q, A> getMethodDescriptor() {
          return method;
        }
      };
    }
  }

  private <Q, A> void call(MethodDescriptor<Q, A> method, String... versions) {
    Metadata headers = new Metadata();
    for (String version : versions) {
      headers.put(VERSION, version);
    }
    ServerCall.Listener<Q> served = new ServerCall.Listener<>() {};
    assertThat(requests.interceptCall(new Call<>(method).open(), headers, (call, given) -> served))
        .isSameAs(served);
  }

  private List<String> counts() {
    return metrics.page().text().lines().filter(line -> line.startsWith("etcd")).sorted().toList();
  }

  @Test
  void callsAreCountedByKindAndVersion() {
    call(KVGrpc.getRangeMethod(), "3.5");
    call(KVGrpc.getPutMethod(), "3.5");
    call(KVGrpc.getPutMethod());
    call(WatchGrpc.getWatchMethod(), "3.4");
    assertThat(counts())
        .containsExactly(
            "etcd_server_client_requests_total{client_api_version=\"3.4\",type=\"stream\"} 1",
            "etcd_server_client_requests_total{client_api_version=\"3.5\",type=\"unary\"} 2",
            "etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"} 1");
  }

  @Test
  void whoMakesVersionsUpFillsNoMemory() {
    IntStream.range(0, 1000).forEach(i -> call(KVGrpc.getRangeMethod(), "9." + i));
    assertThat(counts())
        .hasSize(17)
        .contains(
            "etcd_server_client_requests_total{client_api_version=\"9.0\",type=\"unary\"} 1",
            "etcd_server_client_requests_total{client_api_version=\"unknown\",type=\"unary\"}"
                + " 984");
  }
}
