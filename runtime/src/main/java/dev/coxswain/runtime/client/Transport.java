package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.program.Reloading;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests: within a deadline, to another server when one cannot be reached, and again when
 * the server asks for patience. What may have been done is not sent twice unless it only reads.
 */
final class Transport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

  /** Calls in flight; more wait for their turn within their deadline. Watches do not count. */
  private static final int CALLS_IN_FLIGHT_LIMIT = 64;

  /** How often one call is sent again because the server asked for patience. */
  private static final int PATIENCE_LIMIT = 10;

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;

  private final Servers servers;
  private final Time time;
  private final String userAgent;
  private final Supplier<@Nullable String> token;
  private final Semaphore turns = new Semaphore(CALLS_IN_FLIGHT_LIMIT, true);

  Transport(Kubeconfig config, String userAgent, Time time) {
    this.servers = new Servers(config);
    this.time = time;
    this.userAgent = userAgent;
    this.token = token(config);
  }

  private static Supplier<@Nullable String> token(Kubeconfig config) {
    Path file = config.tokenFile();
    if (file == null) {
      return config::token;
    }
    var latest = Reloading.file(file, () -> Kubeconfig.readToken(file));
    return latest::current;
  }

  /**
   * A request, ready to be sent to any server.
   *
   * @param accept the media types that may come back
   * @param contentType of the body; empty where there is none
   * @param body JSON; empty where there is none
   */
  record Request(String method, String path, String accept, String contentType, String body) {
    Request(String method, String path, String contentType, String body) {
      this(method, path, "application/json", contentType, body);
    }

    static Request get(String path) {
      return get(path, "application/json");
    }

    static Request get(String path, String accept) {
      return new Request("GET", path, accept, "", "");
    }
  }

  /** Sends and reads the whole answer; any status but 2xx is thrown. */
  byte[] call(Request request, Duration deadline) {
    long end = time.nanos() + deadline.toNanos();
    try {
      if (!turns.tryAcquire(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new ApiException(
            StatusReason.TIMEOUT,
            describe(request) + ": waited too long behind " + CALLS_IN_FLIGHT_LIMIT + " calls");
      }
    } catch (InterruptedException e) {
      throw interrupted(request);
    }
    try {
      return callInTurn(request, end);
    } finally {
      turns.release();
    }
  }

  private byte[] callInTurn(Request request, long end) {
    for (int patience = 0; ; patience++) {
      HttpResponse<byte[]> response = exchange(request, BodyHandlers.ofByteArray(), end);
      int code = response.statusCode();
      if (code / 100 == 2) {
        return response.body();
      }
      Duration pause = retryAfter(response);
      if (pause == null || patience >= PATIENCE_LIMIT || pause.toNanos() > end - time.nanos()) {
        throw StatusJson.failure(code, response.body());
      }
      try {
        time.sleep(pause);
      } catch (InterruptedException e) {
        throw interrupted(request);
      }
    }
  }

  /** Sends and leaves the body open; the caller closes it. Any status but 200 is thrown. */
  InputStream open(Request request, Duration headerDeadline) {
    long end = time.nanos() + headerDeadline.toNanos();
    HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream(), end);
    if (response.statusCode() == 200) {
      return response.body();
    }
    try (InputStream body = response.body()) {
      throw StatusJson.failure(response.statusCode(), body.readNBytes(1 << 16));
    } catch (IOException e) {
      throw StatusJson.failure(response.statusCode(), new byte[0]);
    }
  }

  private <B> HttpResponse<B> exchange(Request request, BodyHandler<B> handler, long end) {
    boolean reads = request.method().equals("GET");
    for (int attempt = 1; ; attempt++) {
      Servers.Connection connection = connection(request);
      CompletableFuture<HttpResponse<B>> answer =
          connection.client().sendAsync(http(request, connection.server()), handler);
      try {
        HttpResponse<B> response =
            answer.get(Math.max(1, end - time.nanos()), TimeUnit.NANOSECONDS);
        servers.answered(connection);
        return response;
      } catch (TimeoutException e) {
        abandon(answer);
        servers.silent(connection);
        throw new ApiException(
            StatusReason.TIMEOUT,
            describe(request) + ": no answer from " + connection.server() + " in time");
      } catch (InterruptedException e) {
        abandon(answer);
        throw interrupted(request);
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        boolean unsent =
            cause instanceof ConnectException
                || cause instanceof HttpConnectTimeoutException
                || cause instanceof SSLHandshakeException;
        String reason = reason(cause);
        servers.failed(connection, reason);
        // Each server once, and one more in case that a pooled connection had just been closed.
        boolean mayRepeat =
            unsent ? attempt < servers.count() : reads && attempt <= servers.count();
        if (!mayRepeat || time.nanos() >= end) {
          throw new ApiException(
              StatusReason.SERVICE_UNAVAILABLE,
              describe(request)
                  + ": "
                  + (unsent ? "cannot reach " : "lost the connection to ")
                  + connection.server()
                  + ": "
                  + reason);
        }
      }
    }
  }

  /** Gives an answer up. One that comes at this very moment would stay open for nobody. */
  static void abandon(CompletableFuture<? extends HttpResponse<?>> answer) {
    answer.cancel(true);
    var _ =
        answer.thenAccept(late -> {
          if (late.body() instanceof InputStream body) {
            try {
              body.close();
            } catch (IOException e) {
              LOG.debug("closing an answer that nobody waits for", e);
            }
          }
        });
  }

  private Servers.Connection connection(Request request) {
    try {
      return servers.connection();
    } catch (IllegalStateException closed) {
      throw new ApiException(
          StatusReason.SERVICE_UNAVAILABLE, describe(request) + ": " + closed.getMessage());
    }
  }

  private HttpRequest http(Request request, URI server) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(server + request.path()))
            .header("Accept", request.accept())
            .header("User-Agent", userAgent);
    String bearer = token.get();
    if (bearer != null) {
      builder.header("Authorization", "Bearer " + bearer);
    }
    if (request.body().isEmpty()) {
      return builder.method(request.method(), BodyPublishers.noBody()).build();
    }
    return builder
        .header("Content-Type", request.contentType())
        .method(request.method(), BodyPublishers.ofString(request.body()))
        .build();
  }

  /** How long the server asks to wait; null when it does not. */
  private static @Nullable Duration retryAfter(HttpResponse<?> response) {
    if (response.statusCode() != TOO_MANY_REQUESTS && response.statusCode() != UNAVAILABLE) {
      return null;
    }
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(text -> text.matches("[0-9]{1,5}"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)))
        .orElse(null);
  }

  private static String reason(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getMessage() == null && deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    if (deepest.getMessage() != null) {
      return deepest.getMessage();
    }
    return cause instanceof ConnectException
        ? "connection refused"
        : cause.getClass().getSimpleName();
  }

  private static String describe(Request request) {
    int query = request.path().indexOf('?');
    return request.method()
        + " "
        + (query < 0 ? request.path() : request.path().substring(0, query));
  }

  private static ApiException interrupted(Request request) {
    Thread.currentThread().interrupt();
    return new ApiException(StatusReason.SERVICE_UNAVAILABLE, describe(request) + ": interrupted");
  }

  /** Leaves all connections; the next ones show the identity as it is now. */
  void reconnect() {
    servers.reconnect();
  }

  @Override
  public void close() {
    servers.close();
  }
}
