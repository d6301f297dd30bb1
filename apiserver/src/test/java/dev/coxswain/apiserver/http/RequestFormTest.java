package dev.coxswain.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestFormTest {

  private static HttpRequest request(HttpVersion version, String uri, String... hosts) {
    HttpRequest request = new DefaultHttpRequest(version, HttpMethod.GET, uri);
    for (String host : hosts) {
      request.headers().add("Host", host);
    }
    return request;
  }

  @Test
  void aRequestHasOneHost() {
    assertThat(RequestForm.problem(request(HttpVersion.HTTP_1_1, "/api")))
        .contains("missing required Host header");
    assertThat(RequestForm.problem(request(HttpVersion.HTTP_1_0, "/api"))).isEmpty();
    assertThat(RequestForm.problem(request(HttpVersion.HTTP_1_1, "/api", "a", "b")))
        .contains("too many Host headers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "127.0.0.1:6443", "[::1]:6443", "api.example.com", "a_b"})
  void whatNamesAServerIsTaken(String host) {
    assertThat(RequestForm.problem(request(HttpVersion.HTTP_1_1, "/api", host))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a/b", "a?b", "user@a", "\u00fc"})
  void whatNamesNoneIsRefused(String host) {
    assertThat(RequestForm.problem(request(HttpVersion.HTTP_1_1, "/api", host)))
        .contains("malformed Host header");
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com:6443/api/v1/pods?limit=1, /api/v1/pods?limit=1, api.example.com:6443",
    "HTTP://x/version, /version, x",
    "https://x, /, x",
    "https://x?a=b, /?a=b, x",
    "/https://x/y, /https://x/y, before",
    "ftp://x/version, ftp://x/version, before",
  })
  void aWholeUrlIsItsPathAndItsHost(String uri, String path, String host) {
    HttpRequest request = request(HttpVersion.HTTP_1_1, uri, "before");
    RequestForm.makeOrigin(request);
    assertThat(request.uri()).isEqualTo(path);
    assertThat(request.headers().getAll("Host")).containsExactly(host);
  }
}
