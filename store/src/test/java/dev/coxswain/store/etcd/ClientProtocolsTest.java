package dev.coxswain.store.etcd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.store.gateway.JsonGateway;
import dev.coxswain.store.metrics.Pages;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One port answers calls of gRPC and requests for pages, with TLS and without. */
final class ClientProtocolsTest {
  private static final Executor WORKERS = work -> Thread.ofVirtual().start(work);
  private static final Pages PAGES =
      new Pages(Map.of("/metrics", query -> Pages.Page.plain(200, "etcd_server_has_leader 1\n")));

  private final TestPki pki = new TestPki("store");
  private Optional<Server> server = Optional.empty();
  private long handshakeMillis = 120_000;
  private final Time time = new SystemTime();

  private static final class OneKey extends KVGrpc.KVImplBase {
    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
      answer.onNext(RangeResponse.newBuilder().setCount(1).build());
      answer.onCompleted();
    }
  }

  @AfterEach
  void stop() {
    server.ifPresent(Server::shutdownNow);
  }

  @Test
  void withoutTlsTheFirstBytesTell() throws Exception {
    int port = start(Optional.empty());
    try (HttpClient client = HttpClient.newHttpClient()) {
      String url = "http://127.0.0.1:" + port;
      assertThat(get(client, url + "/metrics?x=1").body()).isEqualTo("etcd_server_has_leader 1\n");
      assertThat(get(client, url + "/nothing").statusCode()).isEqualTo(404);
    }
    assertThat(count(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext())).isOne();
  }

  @Test
  void overTlsWhoOffersHttp11GetsPagesAndWhoDoesNotGetsGrpc() throws Exception {
    int port = start(Optional.of(context()));
    String url = "https://127.0.0.1:" + port + "/metrics";
    TlsIdentity own = pki.issue("CN=prometheus", "127.0.0.1").identity();
    try (HttpClient both =
        HttpClient.newBuilder().sslContext(Tls.context(own, pki.trust())).build()) {
      HttpResponse<String> page = get(both, url);
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }
    SslContext client =
        GrpcSslContexts.configure(SslContextBuilder.forClient())
            .keyManager(own)
            .trustManager(pki.trust())
            .build();
    assertThat(count(NettyChannelBuilder.forAddress("127.0.0.1", port).sslContext(client))).isOne();
    try (HttpClient nobody =
        HttpClient.newBuilder().sslContext(Tls.context(null, pki.trust())).build()) {
      assertThatThrownBy(() -> get(nobody, url)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatIsNoRequestForAPageIsRefusedAndTheConnectionClosed() throws Exception {
    int port = start(Optional.empty());
    assertThat(said(port, "DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 405 ");
    assertThat(said(port, "P\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(said(port, "GET /metrics HTTP/1.1\r\nA: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(said(port, "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ")
        .doesNotContain("has_leader");
  }

  @Test
  void theServicesAnswerInJsonOneRequestAfterTheOther() throws Exception {
    int port = start(Optional.empty());
    String request = "POST /v3/kv/range HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(request.formatted(14, "", "{\"key\":\"Zm9v\"}").getBytes(US_ASCII));
      out.flush();
      byte[] first = new byte[256];
      assertThat(new String(first, 0, in.read(first), US_ASCII))
          .startsWith("HTTP/1.1 200 ")
          .endsWith("{\"count\":\"1\"}");
      out.write(request.formatted(9, "Connection: close\r\n", "{\"no\":\"\"}").getBytes(US_ASCII));
      out.flush();
      assertThat(new String(in.readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.1 400 ")
          .endsWith(
              "{\"error\":\"unknown field \\\"no\\\" in etcdserverpb.RangeRequest\",\"code\":3,"
                  + "\"message\":\"unknown field \\\"no\\\" in etcdserverpb.RangeRequest\"}");
    }
    assertThat(said(port, "POST /v3/nothing HTTP/1.1\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ");
  }

  @Test
  void aConnectionThatSpeaksNoGrpcOutlastsThePatienceForIt() throws Exception {
    handshakeMillis = 2_000;
    int port = start(Optional.empty());
    try (Socket http = begun(port, "POST /v3/kv/range HTTP/1.1\r\n");
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
      // Told apart by its first bytes; the other, which came after it, says nothing and is closed.
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      http.getOutputStream().write("Content-Length: 2\r\n\r\n{}".getBytes(US_ASCII));
      byte[] answer = new byte[256];
      assertThat(new String(answer, 0, http.getInputStream().read(answer), US_ASCII))
          .startsWith("HTTP/1.1 200 ");
    }
  }

  /** A connection that has said something well within the patience. */
  private Socket begun(int port, String said) throws IOException {
    while (true) {
      long before = time.nanos();
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.getOutputStream().write(said.getBytes(US_ASCII));
      if (Duration.ofNanos(time.nanos() - before).toMillis() < handshakeMillis / 2) {
        return socket;
      }
      // This thread was kept waiting in between, on a machine that is busy.
      socket.close();
    }
  }

  private int start(Optional<SslContext> tls) throws IOException {
    Server started =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .handshakeTimeout(handshakeMillis, TimeUnit.MILLISECONDS)
            .protocolNegotiator(
                new ClientProtocols(
                    tls,
                    1024,
                    PAGES,
                    new JsonGateway(List.of(new OneKey().bindService())),
                    WORKERS))
            .addService(new OneKey())
            .build()
            .start();
    server = Optional.of(started);
    return started.getPort();
  }

  private SslContext context() throws IOException {
    return EtcdServer.context(
        new EtcdServer.ClientTls(pki.issue("CN=member", "127.0.0.1").identity(), pki.trust()));
  }

  private static long count(NettyChannelBuilder builder) {
    ManagedChannel channel = builder.build();
    try {
      return KVGrpc.newBlockingStub(channel).range(RangeRequest.getDefaultInstance()).getCount();
    } finally {
      channel.shutdownNow();
    }
  }

  private static HttpResponse<String> get(HttpClient client, String url)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** All that the server says to what is sent, until it closes the connection. */
  private static String said(int port, String sent) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(sent.getBytes(US_ASCII));
      out.flush();
      return new String(in.readAllBytes(), US_ASCII);
    }
  }
}
