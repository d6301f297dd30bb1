package dev.coxswain.store.storm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A client that has no gRPC, as those of Python and Patroni, against a real member. */
final class JsonClientTest {
  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir private Path directory;
  private MemberProcess member;
  private Host host;

  @BeforeEach
  void start() throws IOException {
    host = Host.named("one");
    Path log = directory.resolve("one.log");
    member = new MemberProcess(List.of(), host.flags(directory.resolve("data")), log);
    member.start();
    Etcdctl.awaitWrites(host);
  }

  @AfterEach
  void stop() {
    client.close();
    member.kill();
  }

  @Test
  void keysTransactionsLeasesAndRefusalsAreAsInGrpc() throws Exception {
    JsonNode put = said(200, "kv/put", "{'key':'%s','value':'%s'}", "foo", "bar");
    String revision = Json.text(put, "header", "revision");
    assertThat(Long.parseLong(revision)).isPositive();
    JsonNode read = said(200, "kv/range", "{'key':'%s'}", "foo");
    assertThat(Json.text(read.path("kvs").path(0), "value")).isEqualTo(base64("bar"));
    JsonNode txn =
        said(
            200,
            "kv/txn",
            "{'compare':[{'target':'MOD','key':'%s','mod_revision':'"
                + revision
                + "'}],"
                + "'success':[{'requestDeleteRange':{'key':'%s'}}]}",
            "foo",
            "foo");
    assertThat(Json.flag(txn, "succeeded")).isTrue();
    JsonNode deletion = txn.path("responses").path(0);
    assertThat(Json.text(deletion, "response_delete_range", "deleted")).isEqualTo("1");

    String lease = Json.text(said(200, "lease/grant", "{'TTL':60}"), "ID");
    JsonNode kept = said(200, "lease/keepalive", "{'ID':'" + lease + "'}");
    assertThat(Json.text(kept, "result", "TTL")).isEqualTo("60");
    said(200, "lease/revoke", "{'ID':'" + lease + "'}");
    JsonNode gone = said(404, "kv/lease/revoke", "{'ID':'" + lease + "'}");
    assertThat(gone)
        .isEqualTo(
            Json.parse(
                "{\"error\":\"etcdserver: requested lease not found\",\"code\":5,"
                    + "\"message\":\"etcdserver: requested lease not found\"}"));
    assertThat(said(400, "kv/put", "{'value':'%s'}", "bar").path("code").asInt()).isEqualTo(3);
    assertThat(said(500, "election/resign", "{}").path("message").asString())
        .isEqualTo("\"leader\" field must be provided");
    assertThat(Json.text(said(200, "auth/status", "{}"), "authRevision")).isEqualTo("1");
    JsonNode named = said(400, "auth/authenticate", "{'name':'root','password':'secret'}");
    assertThat(named.path("message").asString())
        .isEqualTo("etcdserver: authentication is not enabled");
    assertThat(said(501, "auth/user/add", "{'name':'root'}").path("code").asInt()).isEqualTo(12);
    JsonNode members = said(200, "cluster/member/list", "").path("members");
    assertThat(members.path(0).path("name").asString()).isEqualTo("one");
  }

  @Test
  void aWatchAndALockTellWhatHappensWhileTheyAreOpen() throws Exception {
    JsonNode lock = said(200, "lock/lock", "{'name':'%s'}", "door");
    HttpResponse<InputStream> watch =
        client.send(
            post("watch", "{'create_request':{'key':'%s'}}", "foo"),
            HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(watch.body(), UTF_8))) {
      assertThat(Json.flag(Json.parse(lines.readLine()), "result", "created")).isTrue();
      var waiting =
          client.sendAsync(
              post("lock/lock", "{'name':'%s'}", "door"), HttpResponse.BodyHandlers.ofString());
      said(200, "kv/put", "{'key':'%s','value':'%s'}", "foo", "bar");
      JsonNode event = Json.parse(lines.readLine()).path("result").path("events").path(0);
      assertThat(Json.text(event, "kv", "value")).isEqualTo(base64("bar"));
      assertThat(waiting.isDone()).isFalse();
      said(200, "lock/unlock", "{'key':'" + Json.text(lock, "key") + "'}");
      assertThat(waiting.join().statusCode()).isEqualTo(200);
    }
  }

  private JsonNode said(int status, String path, String body, String... texts) throws Exception {
    HttpResponse<String> response =
        client.send(post(path, body, texts), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    return Json.parse(response.body());
  }

  private HttpRequest post(String path, String body, String... texts) {
    Object[] encoded = List.of(texts).stream().map(JsonClientTest::base64).toArray();
    String json = (encoded.length == 0 ? body : body.formatted(encoded)).replace('\'', '"');
    return HttpRequest.newBuilder(URI.create(host.clientUrl() + "/v3/" + path))
        .POST(HttpRequest.BodyPublishers.ofString(json))
        .build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}
