package dev.coxswain.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.program.HeldPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HealthPortsTest {
  private static final ObjectKey WEB = new ObjectKey("shop", "web");

  private final AtomicInteger endpoints = new AtomicInteger(2);
  private final AtomicBoolean well = new AtomicBoolean(true);

  @Test
  void aPortSaysWhetherTheNodeHasEndpoints() throws IOException, InterruptedException {
    try (HeldPort held = new HeldPort();
        HttpClient client = HttpClient.newHttpClient();
        HealthPorts ports = new HealthPorts(_ -> endpoints.get(), well::get)) {
      int port = held.number();
      ports.apply(Map.of(WEB, port));
      HttpResponse<String> some = ask(client, port);
      assertThat(some.statusCode()).isEqualTo(200);
      assertThat(some.headers().firstValue("Content-Type")).hasValue("application/json");
      assertThat(some.body())
          .isEqualTo(
              "{\n\t\"service\": {\n\t\t\"namespace\": \"shop\",\n\t\t\"name\": \"web\"\n\t},\n"
                  + "\t\"localEndpoints\": 2,\n\t\"serviceProxyHealthy\": true\n}");
      endpoints.set(0);
      assertThat(ask(client, port).statusCode()).isEqualTo(503);
      endpoints.set(1);
      well.set(false);
      assertThat(ask(client, port).statusCode()).isEqualTo(503);
      assertThat(ask(client, port).body()).contains("\"serviceProxyHealthy\": false");
      ports.apply(Map.of());
      assertThatThrownBy(() -> ask(client, port)).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aPortThatIsTakenIsTriedAgain() throws IOException, InterruptedException {
    try (HeldPort held = new HeldPort();
        HttpClient client = HttpClient.newHttpClient();
        HealthPorts ports = new HealthPorts(_ -> endpoints.get(), well::get)) {
      int port = held.number();
      try (ServerSocket taken = new ServerSocket()) {
        taken.setReuseAddress(true);
        taken.bind(new InetSocketAddress(port));
        ports.apply(Map.of(WEB, port));
      }
      ports.apply(Map.of(WEB, port));
      assertThat(ask(client, port).statusCode()).isEqualTo(200);
    }
  }

  private static HttpResponse<String> ask(HttpClient client, int port)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
