package dev.coxswain.apiserver.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.discovery.Documents;
import dev.coxswain.apiserver.http.Answer;
import dev.coxswain.apiserver.http.Exchange;
import dev.coxswain.apiserver.http.LocalRequests;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.apiserver.http.Refusal;
import dev.coxswain.apiserver.http.RequestHandler;
import dev.coxswain.runtime.time.ManualTime;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DiscoveryEndpointTest {
  private static final String PATH = "/openapi/v3/apis/apps/v1";
  private static final byte[] BYTES = "{}".getBytes(StandardCharsets.UTF_8);
  private static final Document DOCUMENT = Document.of("application/json", BYTES);
  private static final Document COMPRESSED =
      Document.compressed("application/json", out -> out.write(BYTES));

  private final DiscoveryEndpoint endpoint =
      new DiscoveryEndpoint(
          new Documents() {
            @Override
            public Optional<Document> document(String path, String accept) {
              return Optional.of(path.endsWith("/large") ? COMPRESSED : DOCUMENT);
            }

            @Override
            public Optional<String> content(String path) {
              return path.equals(PATH) ? Optional.of("NOW") : Optional.empty();
            }
          },
          new ManualTime());

  private Reply get(String path, String query) throws InterruptedException {
    return get(path, query, Map.of());
  }

  private Reply get(String path, String query, Map<String, String> headers)
      throws InterruptedException {
    Query parsed = Query.parse(query);
    return LocalRequests.send(
        new RequestHandler() {
          @Override
          public void handle(Exchange exchange) throws InterruptedException {
            endpoint.handle(
                new ApiRequest(
                    exchange,
                    RequestInfo.parse("GET", path, parsed),
                    parsed,
                    UserInfo.of("jo", List.of()),
                    Annotations.NONE));
          }

          @Override
          public Answer refusal(Refusal refusal) {
            throw new AssertionError(refusal);
          }
        },
        "GET",
        path,
        headers,
        new byte[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "W/%s", "\"other\", %s", "\"other\",W/%s,\"third\"", "*"})
  void whoHasItIsToldSo(String tags) throws InterruptedException {
    for (String path : List.of(PATH, "/apis", "/openapi/v2/large")) {
      String tag = get(path, "").headers().get("etag");
      Reply reply = get(path, "", Map.of("If-None-Match", tags.formatted(tag)));
      assertThat(reply.status()).isEqualTo(304);
      assertThat(reply.bytes()).isEmpty();
      assertThat(reply.headers())
          .containsEntry("etag", tag)
          .containsEntry("vary", "Accept")
          .doesNotContainKey("content-type");
    }
  }

  @Test
  void whoHasItByItsHashIsToldThatItMayBeKept() throws InterruptedException {
    String tag = get(PATH, "").headers().get("etag");
    Reply reply = get(PATH, "hash=NOW", Map.of("If-None-Match", tag));
    assertThat(reply.status()).isEqualTo(304);
    assertThat(reply.headers()).containsEntry("cache-control", "public, immutable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"other\"", "other", "%s-x"})
  void whoHasAnotherIsSentIt(String tags) throws InterruptedException {
    String hash = DOCUMENT.hash();
    Reply reply = get(PATH, "", Map.of("If-None-Match", tags.formatted(hash)));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo("{}");
    assertThat(reply.headers()).containsEntry("etag", "\"" + hash + "\"");
  }

  @Test
  void whatIsKeptCompressedIsSentSoToWhoTakesIt() throws Exception {
    String path = "/openapi/v2/large";
    Reply compressed = get(path, "", Map.of("Accept-Encoding", "deflate, gzip"));
    assertThat(compressed.headers()).containsEntry("content-encoding", "gzip");
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed.bytes()))) {
      assertThat(in.readAllBytes()).isEqualTo(BYTES);
    }
    Reply plain = get(path, "", Map.of("Accept-Encoding", "gzip;q=0"));
    assertThat(plain.headers()).doesNotContainKey("content-encoding");
    assertThat(plain.body()).isEqualTo("{}");
    assertThat(plain.headers().get("etag")).isEqualTo(compressed.headers().get("etag"));
  }

  @Test
  void whatIsAskedForByItsHashMayBeKept() throws InterruptedException {
    Reply reply = get(PATH, "hash=NOW");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body()).isEqualTo("{}");
    assertThat(reply.headers())
        .containsEntry("cache-control", "public, immutable")
        .containsEntry("date", "Thu, 01 Jan 2026 00:00:00 GMT")
        .containsEntry("expires", "Fri, 01 Jan 2027 00:00:00 GMT")
        .containsKey("etag");
  }

  @Test
  void whoAsksForWhatWasIsSentToWhatIs() throws InterruptedException {
    Reply reply = get(PATH, "hash=BEFORE");
    assertThat(reply.status()).isEqualTo(301);
    assertThat(reply.headers()).containsEntry("location", PATH + "?hash=NOW");
  }

  @Test
  void otherDocumentsAreAskedForAgain() throws InterruptedException {
    for (Reply reply : List.of(get(PATH, ""), get("/apis", "hash=BEFORE"))) {
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.headers())
          .containsEntry("cache-control", "no-cache, private")
          .doesNotContainKey("expires");
    }
  }
}
