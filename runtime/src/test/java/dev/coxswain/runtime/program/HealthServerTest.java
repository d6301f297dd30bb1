package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.coxswain.runtime.access.AccessControl;
import dev.coxswain.runtime.access.Caller;
import dev.coxswain.runtime.access.Permission;
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
import java.util.List;
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
    try (var server = new HealthServer(LOOPBACK, checks, new Metrics());
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
      server.show("/other", "text");
      assertThat(get(client, base + "/other")).isEqualTo("200 text");
      assertThat(get(client, base + "/other/one")).startsWith("404");
    }
  }

  @Test
  void showsMetricsOverTlsToWhoMayHaveThemAndHealthToAnybody() throws Exception {
    var pki = new TestPki("test-ca");
    var tls = Tls.context(pki.issue("CN=x", "127.0.0.1").identity(), pki.trust());
    AccessControl access = new OnlyMonitoring();
    try (var server = new HealthServer(LOOPBACK, tls, access, checks, new Metrics());
        var nobody = HttpClient.newBuilder().sslContext(Tls.context(null, pki.trust())).build();
        var monitoring = certified(pki, "CN=monitoring");
        var pod = certified(pki, "CN=pod")) {
      String base = "https://127.0.0.1:" + server.address().getPort();
      assertThat(get(nobody, base + "/healthz")).isEqualTo("200 ok");
      assertThat(get(nobody, base + "/metrics"))
          .isEqualTo("403 forbidden: User \"system:anonymous\" cannot get path \"/metrics\"\n");
      assertThat(get(pod, base + "/metrics")).startsWith("403 forbidden: User \"pod\"");
      assertThat(get(monitoring, base + "/metrics"))
          .startsWith("200 ")
          .contains("jvm_memory_used_bytes{area=\"heap\"}");
      assertThat(get(nobody, base + "/metrics", "Bearer monitoring")).startsWith("200 ");
      assertThat(get(nobody, base + "/metrics", "Bearer unknown")).startsWith("401 ");
      assertThat(get(nobody, base + "/metrics", "Basic bW9uaXRvcmluZw==")).startsWith("401 ");
      assertThat(get(nobody, base + "/metrics", "Bearer broken"))
          .isEqualTo("503 the API server does not say who may ask: it is down\n");
    }
  }

  /** Knows one name, that of a certificate or of a token; nobody else may do anything. */
  private static final class OnlyMonitoring implements AccessControl {
    @Override
    public Optional<Caller> authenticate(String token) {
      return switch (token) {
        case "monitoring" -> Optional.of(new Caller(token, "", List.of()));
        case "broken" -> throw new IllegalStateException("it is down");
        default -> Optional.empty();
      };
    }

    @Override
    public boolean allows(Caller caller, Permission wanted) {
      return caller.name().equals("monitoring")
          && wanted.equals(new Permission.OnPath("get", "/metrics"));
    }
  }

  private static HttpClient certified(TestPki pki, String name) throws Exception {
    return HttpClient.newBuilder()
        .sslContext(Tls.context(pki.issue(name, "127.0.0.1").identity(), pki.trust()))
        .build();
  }

  @Test
  void saysWhichAddressIsTaken() throws IOException {
    try (var server = new HealthServer(LOOPBACK, checks, new Metrics())) {
      InetSocketAddress taken = server.address();
      assertThatIOException()
          .isThrownBy(() -> new HealthServer(taken, checks, new Metrics()).close())
          .withMessageContaining("cannot listen on")
          .withMessageContaining(Integer.toString(taken.getPort()));
    }
  }

  private static String get(HttpClient client, String uri, String... authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30));
    for (String value : authorization) {
      request.header("Authorization", value);
    }
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return response.statusCode() + " " + response.body();
  }
}
