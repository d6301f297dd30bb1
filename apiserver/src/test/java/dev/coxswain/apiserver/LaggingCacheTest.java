package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cache that is behind the store decides nothing. */
final class LaggingCacheTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";

  private final InProcessServer server = new InProcessServer(Randomness.seeded(12));

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whatWouldChangeNothingOfAnOldStateIsWrittenOverTheNewOne() {
    server.send("POST", MAPS, Json.parse(map("1")));
    await()
        .untilAsserted(() ->
            assertThat(server.send("GET", MAPS + "/a?resourceVersion=0").body()).contains("\"1\""));
    server.cacheLags(true);
    assertThat(server.send("PUT", MAPS + "/a", Json.parse(map("2"))).status()).isEqualTo(200);
    assertThat(server.send("PUT", MAPS + "/a", Json.parse(map("1"))).status()).isEqualTo(200);
    server.cacheLags(false);
    assertThat(server.send("GET", MAPS + "/a").body()).contains("{\"k\":\"1\"}");
  }

  @Test
  void whatWouldChangeNothingOfWhatIsGoneIsNotFound() {
    server.send("POST", MAPS, Json.parse(map("1")));
    await()
        .untilAsserted(() ->
            assertThat(server.send("GET", MAPS + "/a?resourceVersion=0").body()).contains("\"1\""));
    server.cacheLags(true);
    assertThat(server.send("DELETE", MAPS + "/a").status()).isEqualTo(200);
    String patch = "{\"data\": {\"k\": \"1\"}}";
    assertThat(server.send("PATCH", MAPS + "/a", "application/merge-patch+json", patch).status())
        .isEqualTo(404);
    server.cacheLags(false);
  }

  private static String map(String value) {
    return "{\"metadata\": {\"name\": \"a\"}, \"data\": {\"k\": \"" + value + "\"}}";
  }
}
