package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.pki.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The few requests that {@code cox} itself makes, as the administrator, to the first API server
 * that answers.
 */
public final class ClusterApi implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(3);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient http;
  private final List<String> servers;

  /** What came back, whatever the status. */
  public record Answer(int status, String body) {
    public JsonNode json() {
      return JSON.readTree(body);
    }
  }

  public ClusterApi(ClientTls tls, List<String> servers) {
    this.http =
        HttpClient.newBuilder()
            .sslContext(tls.context())
            .connectTimeout(DEADLINE)
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    this.servers = servers;
  }

  /** The first server's answer; empty when none can be reached. */
  public Optional<Answer> get(String path) {
    return servers.stream().flatMap(server -> get(server, path).stream()).findFirst();
  }

  public Optional<Answer> get(String server, String path) {
    return send(HttpRequest.newBuilder(URI.create(server + path)).timeout(DEADLINE).GET().build());
  }

  public Optional<Answer> post(String path, String body) {
    return servers.stream()
        .flatMap(server ->
            send(
                HttpRequest.newBuilder(URI.create(server + path))
                    .timeout(DEADLINE)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build())
                .stream())
        .findFirst();
  }

  private Optional<Answer> send(HttpRequest request) {
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return Optional.of(new Answer(response.statusCode(), response.body()));
    } catch (IOException unreachable) {
      return Optional.empty();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CoxException("interrupted", interrupted);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
