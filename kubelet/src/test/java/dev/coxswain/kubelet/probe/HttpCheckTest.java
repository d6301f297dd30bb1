package dev.coxswain.kubelet.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coxswain.runtime.program.HeldPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPGetActionBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HttpCheckTest {
  /** Only a failure takes that long. */
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final Map<String, List<String>> headers = new ConcurrentHashMap<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    answer("/ok", 200, "");
    answer("/sick", 500, "");
    answer("/moved", 302, "/ok");
    answer("/moved-to-sick", 301, "/sick");
    answer("/around", 307, "/around");
    answer("/away", 302, "http://elsewhere.invalid/sick");
    answer("/as-before", 304, "");
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void passesFrom200To399() {
    assertThat(check("/ok").passed()).isTrue();
    assertThat(check("/sick").failure()).contains("HTTP probe failed with statuscode: 500");
  }

  @Test
  void followsRedirectsToTheSameHost() {
    assertThat(check("/moved").passed()).isTrue();
    assertThat(check("/moved-to-sick").failure())
        .contains("HTTP probe failed with statuscode: 500");
  }

  @Test
  void doesNotFollowForEver() {
    assertThat(check("/around").failure().orElseThrow()).endsWith("stopped after 10 redirects");
  }

  @Test
  void doesNotFollowToOtherHostsAndSaysSo() {
    assertThat(check("/away").passed()).isTrue();
    assertThat(check("/away").warning())
        .contains("Probe terminated redirects, Response body: gone to elsewhere");
    assertThat(check("/as-before").warning())
        .contains("Probe terminated redirects, Response body: ");
    assertThat(check("/moved").warning()).isEmpty();
  }

  @Test
  void aHookIsHeardWhateverIsAnswered() throws IOException {
    assertThat(hook("/sick", port())).isEmpty();
    assertThat(hook("/moved-to-sick", port())).isEmpty();
    assertThat(headers.get("User-agent")).containsExactly("kube-lifecycle/1.34");
    try (HeldPort silent = new HeldPort()) {
      assertThat(hook("/ok", silent.number()).orElseThrow()).endsWith("connection refused");
    }
  }

  @Test
  void aHookToAServerWithoutTlsIsHeardAllTheSameButNotTrustedWithPasswords() throws IOException {
    HTTPGetAction action =
        new HTTPGetActionBuilder()
            .withScheme("HTTPS")
            .withPath("/ok")
            .addNewHttpHeader("Authorization", "Basic secret")
            .addNewHttpHeader("X-Who", "me")
            .build();
    try (PlainServer plain = new PlainServer()) {
      assertThat(HttpCheck.run(action, plain.port(), "127.0.0.1", TIMEOUT).failure())
          .contains(
              "Get \"https://127.0.0.1:"
                  + plain.port()
                  + "/ok\": http: server gave HTTP response to HTTPS client");
      assertThat(plain.heard).isEmpty();
      assertThat(HttpCheck.send(action, plain.port(), "127.0.0.1", TIMEOUT)).isEmpty();
      assertThat(plain.heard).contains("GET /ok HTTP/1.1", "X-Who: me");
      assertThat(plain.heard).noneMatch(line -> line.startsWith("Authorization"));
    }
  }

  /** Answers TLS as web servers do, by telling that it does not understand. */
  private static final class PlainServer implements AutoCloseable {
    private static final int HANDSHAKE = 0x16;
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());

    PlainServer() throws IOException {
      Thread.ofVirtual().start(this::serve);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          BufferedReader in =
              new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
          in.mark(1);
          if (in.read() == HANDSHAKE) {
            client.getOutputStream().write("HTTP/1.0 400 Bad Request\r\n\r\n".getBytes(UTF_8));
          } else {
            in.reset();
            in.lines().takeWhile(line -> !line.isEmpty()).forEach(heard::add);
            client.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n".getBytes(UTF_8));
          }
          client.shutdownOutput();
          in.transferTo(Writer.nullWriter());
        } catch (IOException closed) {
          // By the client, or at the test's end.
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void sendsItsHeadersAndSaysWhoItIs() {
    HTTPGetAction action =
        new HTTPGetActionBuilder().withPath("/ok").addNewHttpHeader("X-Who", "me").build();
    assertThat(HttpCheck.run(action, port(), "127.0.0.1", TIMEOUT).passed()).isTrue();
    assertThat(headers).containsEntry("X-who", List.of("me"));
    assertThat(headers.get("User-agent")).containsExactly("kube-probe/1.34");
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    try (HeldPort silent = new HeldPort()) {
      int port = silent.number();
      assertThat(HttpCheck.run(new HTTPGetAction(), port, "127.0.0.1", TIMEOUT).failure())
          .contains(
              "Get \"http://127.0.0.1:"
                  + port
                  + "/\": dial tcp 127.0.0.1:"
                  + port
                  + ": connect: connection refused");
    }
  }

  private CheckResult check(String path) {
    HTTPGetAction action = new HTTPGetActionBuilder().withPath(path).build();
    return HttpCheck.run(action, port(), "127.0.0.1", TIMEOUT);
  }

  private static Optional<String> hook(String path, int port) {
    HTTPGetAction action = new HTTPGetActionBuilder().withPath(path).build();
    return HttpCheck.send(action, port, "127.0.0.1", TIMEOUT);
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private void answer(String path, int status, String location) {
    server.createContext(
        path,
        exchange -> {
          exchange.getRequestHeaders().forEach(headers::put);
          if (!location.isEmpty()) {
            exchange.getResponseHeaders().set("Location", location);
          }
          byte[] body = path.equals("/away") ? "gone to elsewhere".getBytes(UTF_8) : new byte[0];
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }
}
