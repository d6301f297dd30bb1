package dev.coxswain.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.client.Kubeconfig;
import dev.coxswain.runtime.tls.Tls;
import dev.coxswain.runtime.tls.TlsIdentity;
import dev.coxswain.runtime.tls.TlsTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * The API as it is on the wire, asked by the administrator: any verb on any path, no help by a
 * client library. Bodies are YAML or JSON, answers JSON.
 */
final class RawApi {
  static final String JSON_PATCH = "application/json-patch+json";
  static final String MERGE_PATCH = "application/merge-patch+json";
  static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";

  private static final Duration LIMIT = Cluster.PATIENCE;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final URI server;
  private final HttpClient http;

  RawApi(Cluster cluster) {
    Kubeconfig config = Kubeconfig.read(cluster.home().resolve("kubeconfig"));
    this.server = config.servers().getFirst();
    this.http =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(LIMIT)
            .sslContext(
                Tls.context(
                    new TlsIdentity(
                        requireNonNull(config.certificate()), requireNonNull(config.key())),
                    new TlsTrust(requireNonNull(config.authorities()))))
            .build();
  }

  /** What a request was answered. */
  record Answer(String request, int code, String text, HttpHeaders headers) {
    /** The body, missing where it is not JSON. */
    JsonNode json() {
      try {
        return MAPPER.readTree(text);
      } catch (JacksonException other) {
        return MissingNode.getInstance();
      }
    }

    /** The body of a success. */
    JsonNode orFail() {
      if (code < 200 || code > 299) {
        throw new AssertionError(request + " was answered " + code + ": " + text);
      }
      return json();
    }

    /** The machine's word for a refusal, as AlreadyExists. */
    String reason() {
      return json().path("reason").asString("");
    }
  }

  /** Any request; without a body where that is empty. */
  Answer ask(String method, String path, String contentType, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path)).timeout(LIMIT);
    if (body.isEmpty()) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", contentType)
          .method(method, HttpRequest.BodyPublishers.ofString(body));
    }
    HttpResponse<String> response = send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(
        method + " " + path, response.statusCode(), response.body(), response.headers());
  }

  Answer ask(String method, String path) {
    return ask(method, path, "", "");
  }

  JsonNode get(String path) {
    return ask("GET", path).orFail();
  }

  /** POST of a manifest. */
  JsonNode create(String path, String manifest) {
    return ask("POST", path, "application/yaml", manifest).orFail();
  }

  /** PUT of an object. */
  JsonNode replace(String path, JsonNode object) {
    return ask("PUT", path, "application/json", object.toString()).orFail();
  }

  JsonNode patch(String path, String type, String body) {
    return ask("PATCH", path, type, body).orFail();
  }

  JsonNode delete(String path) {
    return ask("DELETE", path).orFail();
  }

  /** Waits until the object on the path is as wanted, and returns it. */
  JsonNode await(String what, String path, Predicate<JsonNode> wanted) {
    JsonNode[] last = {MissingNode.getInstance()};
    try {
      Awaitility.await(what)
          .atMost(Cluster.PATIENCE)
          .pollInterval(Duration.ofMillis(250))
          .until(() -> {
            last[0] = ask("GET", path).json();
            return wanted.test(last[0]);
          });
    } catch (org.awaitility.core.ConditionTimeoutException late) {
      throw new AssertionError(what + ", but it is " + last[0], late);
    }
    return last[0];
  }

  /** Waits until nothing is found on the path. */
  void awaitGone(String path) {
    await(path + " is gone", path, answer -> answer.path("reason").asString("").equals("NotFound"));
  }

  /**
   * Reads a watch until the wanted event comes, which it returns. The watch ends by itself when
   * there is no patience left, which fails.
   *
   * @param path with the query but for what makes it a watch
   */
  JsonNode awaitEvent(String path, String type, Predicate<JsonNode> wanted) {
    URI address =
        server.resolve(
            path
                + (path.contains("?") ? "&" : "?")
                + "watch=true&timeoutSeconds="
                + LIMIT.toSeconds());
    HttpRequest request = HttpRequest.newBuilder(address).build();
    StringBuilder seen = new StringBuilder();
    try (Stream<String> lines = send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
        JsonNode event = MAPPER.readTree(line.next());
        seen.append('\n').append(event);
        if (event.path("type").asString().equals(type) && wanted.test(event.path("object"))) {
          return event.path("object");
        }
      }
    }
    throw new AssertionError("no such " + type + " event on " + path + ", only" + seen);
  }

  /**
   * The messages of a WebSocket until the server has closed it, text and bytes alike.
   *
   * @throws java.util.concurrent.CompletionException where the server does not agree to it
   */
  List<String> messages(String path, String protocol) {
    Messages messages = new Messages();
    URI address = server.resolve(path);
    WebSocket socket =
        http.newWebSocketBuilder()
            .subprotocols(protocol)
            .buildAsync(URI.create("wss://" + address.getAuthority() + path), messages)
            .join();
    assertThat(socket.getSubprotocol()).isEqualTo(protocol);
    return messages.all.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private static final class Messages implements WebSocket.Listener {
    private final List<String> received = new ArrayList<>();
    private final StringBuilder message = new StringBuilder();
    private final CompletableFuture<List<String>> all = new CompletableFuture<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      return add(socket, part, last);
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      return add(socket, StandardCharsets.ISO_8859_1.decode(part), last);
    }

    private @Nullable CompletionStage<?> add(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        received.add(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      all.complete(List.copyOf(received));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      all.completeExceptionally(failure);
    }
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException failure) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while asking " + request.uri(), interrupted);
    }
  }
}
