package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.coxswain.runtime.tls.TestPki;
import dev.coxswain.runtime.tls.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthServerTest {
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private volatile Optional<String> problem = Optional.empty();
  private final HealthChecks checks =
      new HealthChecks().live("ping", Optional::empty).ready("synced", () -> problem);

  @Test
  void tellsLivenessAndReadinessApart() throws Exception {
    try (var server = new HealthServer(LOOPBACK, null, checks, new Metrics());
        var client = HttpClient.newHttpClient()) {
      String base = "http://127.0.0.1:" + server.address().getPort();
      assertThat(get(client, base + "/readyz")).isEqualTo("200 ok");
      problem = Optional.of("still listing pods");
      assertThat(get(client, base + "/livez")).isEqualTo("200 ok");
      assertThat(get(client, base + "/readyz"))
          .isEqualTo("500 [+]ping ok\n[-]synced failed: still listing pods\nreadyz check failed\n");
      assertThat(get(client, base + "/readyz/ping?verbose"))
          .isEqualTo("200 [+]ping ok\nreadyz check passed\n");
      assertThat(get(client, base + "/readyz/none")).startsWith("404");
      assertThat(get(client, base + "/other")).startsWith("404");
    }
  }

  @Test
  void servesMetricsOverTls() throws Exception {
    var pki = new TestPki("test-ca");
    var tls = Tls.context(pki.issue("CN=x", "127.0.0.1").identity(), null);
    try (var server = new HealthServer(LOOPBACK, tls, checks, new Metrics());
        var client = HttpClient.newBuilder().sslContext(Tls.context(null, pki.trust())).build()) {
      assertThat(get(client, "https://127.0.0.1:" + server.address().getPort() + "/metrics"))
          .startsWith("200 ")
          .contains("jvm_memory_used_bytes{area=\"heap\"}");
    }
  }

  @Test
  void saysWhichAddressIsTaken() throws IOException {
    try (var server = new HealthServer(LOOPBACK, null, checks, new Metrics())) {
      InetSocketAddress taken = server.address();
      assertThatIOException()
          .isThrownBy(() -> new HealthServer(taken, null, checks, new Metrics()).close())
          .withMessageContaining("cannot listen on")
          .withMessageContaining(Integer.toString(taken.getPort()));
    }
  }

  private static String get(HttpClient client, String uri) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30)).build(),
            HttpResponse.BodyHandlers.ofString());
    return response.statusCode() + " " + response.body();
  }
}
