package dev.coxswain.kubelet.probe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coxswain.runtime.program.HeldPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPGetActionBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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
