package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the verbs answer, where clients look closely. Backticks stand for quotes. */
final class VerbsTest {
  private static final InProcessServer server = new InProcessServer(Randomness.seeded(3));
  private static final String IN = "/api/v1/namespaces/default/";

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Reply send(String method, String uri, String body) {
    return server.send(method, uri, "application/json", body.replace('`', '"'));
  }

  private static JsonNode made(String method, String uri, String body) {
    Reply reply = send(method, uri, body);
    assertThat(reply.status()).as(reply.body()).isBetween(200, 201);
    return Json.parse(reply.body());
  }

  @Test
  void driversFollowTheirOwnSlicesOfTheirOwnNode() {
    String slices = "/apis/resource.k8s.io/v1/resourceslices";
    String slice =
        "{`metadata`:{`name`:`%s`},`spec`:{`driver`:`%s`,`nodeName`:`n`,`pool`:{`name`:`p`,"
            + "`generation`:1,`resourceSliceCount`:1}}}";
    made("POST", slices, slice.formatted("a", "a.example.com"));
    made("POST", slices, slice.formatted("b", "b.example.com"));
    JsonNode own =
        made("GET", slices + "?fieldSelector=spec.driver=a.example.com,spec.nodeName=n", "");
    assertThat(own.path("items").size()).isEqualTo(1);
    assertThat(own.at("/items/0/metadata/name").asString()).isEqualTo("a");
  }
}
