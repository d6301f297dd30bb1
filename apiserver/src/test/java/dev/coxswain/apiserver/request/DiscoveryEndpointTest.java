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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DiscoveryEndpointTest {
  private static final String PATH = "/openapi/v3/apis/apps/v1";
  private static final Document DOCUMENT =
      Document.of("application/json", "{}".getBytes(StandardCharsets.UTF_8));

  private final DiscoveryEndpoint endpoint =
      new DiscoveryEndpoint(
          new Documents() {
            @Override
            public Optional<Document> document(String path, String accept) {
              return Optional.of(DOCUMENT);
            }

            @Override
            public Optional<String> content(String path) {
              return path.equals(PATH) ? Optional.of("NOW") : Optional.empty();
            }
          },
          new ManualTime());

  private Reply get(String path, String query) throws InterruptedException {
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
        Map.of(),
        new byte[0]);
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
