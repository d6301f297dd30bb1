package dev.coxswain.apiserver.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.coxswain.apiserver.http.BodyBudget;
import dev.coxswain.runtime.time.SystemTime;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CallerTest {
  private static final int SIZE = 1000;
  private static final String TOO_MANY = "the answers of all calls at once are too large";

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final BodyBudget budget = new BodyBudget(SIZE + SIZE / 2);
  private final Caller caller =
      new Caller(new BackendClient(loops, null, null, null), new SystemTime(), budget);
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean huge = exchange.getRequestURI().getPath().equals("/huge");
          byte[] body = new byte[huge ? 2 * SIZE : SIZE];
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Caller.Reply get(String path) throws IOException, InterruptedException {
    String host = server.getAddress().getAddress().getHostAddress();
    return caller.call(
        new Target("http", host, server.getAddress().getPort(), new Peer.Anyone(), path),
        new Caller.Call("GET", host, Map.of(), new byte[0]),
        Duration.ofSeconds(30));
  }

  @Test
  void answersTogetherStayWithinTheirBound() throws Exception {
    try (Caller.Reply first = get("/")) {
      assertThat(first.body()).hasSize(SIZE);
      assertThatThrownBy(() -> get("/"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(TOO_MANY);
    }
    try (Caller.Reply next = get("/")) {
      assertThat(next.body()).hasSize(SIZE);
    }
    assertThatThrownBy(() -> get("/huge")).hasMessageContaining(TOO_MANY);
    try (Caller.Reply last = get("/")) {
      assertThat(last.body()).hasSize(SIZE);
    }
  }
}
