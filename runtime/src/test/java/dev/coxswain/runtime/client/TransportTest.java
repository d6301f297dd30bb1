package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;

final class TransportTest {
  private static final URI SERVER = URI.create("https://127.0.0.1:1/");

  /** A watch that is opened at the moment in which its reader is interrupted. */
  @Test
  void anAnswerThatComesAsItIsGivenUpDoesNotStayOpen() {
    var closed = new AtomicBoolean();
    InputStream body =
        new ByteArrayInputStream(new byte[0]) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    Transport.abandon(CompletableFuture.completedFuture(new Answer(body)));
    assertThat(closed).isTrue();
  }

  @Test
  void anAnswerThatHasNotComeIsCancelled() {
    var answer = new CompletableFuture<Answer>();
    Transport.abandon(answer);
    assertThat(answer).isCancelled();
  }

  private record Answer(InputStream body) implements HttpResponse<InputStream> {
    @Override
    public int statusCode() {
      return 200;
    }

    @Override
    public HttpRequest request() {
      return HttpRequest.newBuilder(SERVER).build();
    }

    @Override
    public Optional<HttpResponse<InputStream>> previousResponse() {
      return Optional.empty();
    }

    @Override
    public HttpHeaders headers() {
      return HttpHeaders.of(Map.of(), (name, value) -> true);
    }

    @Override
    public Optional<SSLSession> sslSession() {
      return Optional.empty();
    }

    @Override
    public URI uri() {
      return SERVER;
    }

    @Override
    public HttpClient.Version version() {
      return HttpClient.Version.HTTP_2;
    }
  }
}
