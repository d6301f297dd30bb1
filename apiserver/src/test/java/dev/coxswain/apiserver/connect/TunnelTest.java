package dev.coxswain.apiserver.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.apiserver.request.ApiRequest;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of protocol that the other side does not agree to. */
final class TunnelTest {
  private static final byte[] BODY = "order a boat".getBytes(StandardCharsets.US_ASCII);
  private static final String LONG = "no. ".repeat(7_500);

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Handover handover = new Handover(new BackendClient(loops, null, null, null));
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
    String path = exchange.getRequestURI().getPath();
    seen.add(exchange.getRequestMethod() + " " + path + " " + body);
    byte[] text = (path.equals("/long") ? LONG : "no").getBytes(StandardCharsets.US_ASCII);
    exchange.getResponseHeaders().set("X-Why", "because");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    switch (path) {
      case "/silent" -> {}
      case "/long" -> exchange.sendResponseHeaders(403, 0);
      default -> exchange.sendResponseHeaders(403, head ? -1 : text.length);
    }
    if (!path.equals("/silent") && !head) {
      exchange.getResponseBody().write(text);
    }
    exchange.close();
  }

  private Reply ask(String method, String path) throws InterruptedException {
    InetSocketAddress address = server.getAddress();
    Target target =
        new Target(
            "http",
            address.getAddress().getHostAddress(),
            address.getPort(),
            new Peer.Anyone(),
            path);
    RequestHandler handler =
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) throws InterruptedException {
            handover.handOver(
                target,
                new ApiRequest(
                    exchange,
                    RequestInfo.parse(method, path, Query.NONE),
                    Query.NONE,
                    UserInfo.of("jo", List.of()),
                    Annotations.NONE),
                "boats.example.com",
                List.of());
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        };
    return LocalRequests.sendUpgradable(
        handler,
        method,
        path,
        Map.of("Connection", "Upgrade", "Upgrade", "boats/1"),
        method.equals("POST") ? BODY : new byte[0]);
  }

  @Test
  void aRefusalIsHandedOnAndTheRequestSentOnce() throws InterruptedException {
    Reply reply = ask("POST", "/short");
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.body()).isEqualTo("no");
    assertThat(reply.headers()).containsEntry("x-why", "because");
    assertThat(seen).containsExactly("POST /short order a boat");
  }

  @Test
  void aLongRefusalIsHandedOnWhole() throws InterruptedException {
    assertThat(ask("GET", "/long").body()).isEqualTo(LONG);
    assertThat(seen).containsExactly("GET /long ");
  }

  @Test
  void aRefusalWithoutABodyIsComplete() throws InterruptedException {
    assertThat(ask("HEAD", "/short").status()).isEqualTo(403);
    assertThat(seen).containsExactly("HEAD /short ");
  }

  @Test
  void whoSaysNothingIsNotAskedAgain() {
    assertThatThrownBy(() -> ask("POST", "/silent"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("error trying to reach service");
    assertThat(seen).containsExactly("POST /silent order a boat");
  }
}
