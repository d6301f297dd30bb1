package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are small to send and large to hold or to answer. */
final class HeavyInputTest {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";
  private static final int MANY = 20_000;
  private static final int TOO_MANY = 200_000;
  private static final InProcessServer server = new InProcessServer(Randomness.seeded(1));

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Reply post(String contentType, String body) {
    return server.send("POST", MAPS, contentType, body);
  }

  @Test
  void ofManyErrorsSomeAreTold() {
    String labels =
        IntStream.range(0, MANY)
            .mapToObj(i -> "\"" + i + " \": \"\"")
            .collect(Collectors.joining(","));
    Reply reply = post(JSON, "{\"metadata\": {\"name\": \"a\", \"labels\": {" + labels + "}}}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body())
        .hasSizeLessThan(MANY * 10)
        .contains("metadata.labels: Invalid value: \\\"0 \\\"", "and 19900 more errors");
  }

  @Test
  void appliedFieldsThatAreUnknownAreToldUpToANumber() {
    String fields =
        IntStream.range(0, MANY).mapToObj(i -> "f" + i + ": 1").collect(Collectors.joining("\n"));
    Reply reply =
        server.send(
            "PATCH",
            MAPS + "/a?fieldManager=x",
            "application/apply-patch+yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + fields);
    assertThat(reply.body()).contains(".f1: field not declared").hasSizeLessThan(MANY);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, '', application/json",
    "POST, '', application/yaml",
    "PATCH, /kept, application/merge-patch+json",
    "PATCH, /kept, application/strategic-merge-patch+json",
    "PATCH, /kept?fieldManager=x, application/apply-patch+yaml",
    "DELETE, /kept, application/json",
  })
  void aBodyOfTooManyValuesIsRefused(String method, String below, String contentType) {
    server.send("POST", MAPS, JSON, "{\"metadata\": {\"name\": \"kept\"}}");
    String body =
        "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"finalizers\": ["
            + "{},".repeat(TOO_MANY)
            + "{}]}}";
    if (method.equals("POST")) {
      body = body.replace("{},", "1,").replace("{}", "1").replace("finalizers", "unknown");
      body = body.replace("1,", "[],");
    }
    Reply reply = server.send(method, MAPS + below, contentType, body);
    assertThat(reply.status()).as(reply.body()).isEqualTo(400);
    assertThat(reply.body()).contains("Token count");
  }

  @Test
  void aPatchMayNotCopyWithoutEnd() {
    String doubling =
        IntStream.range(0, 30)
            .mapToObj(i -> "{\"op\": \"copy\", \"from\": \"/a\", \"path\": \"/a/" + i + "\"}")
            .collect(Collectors.joining(","));
    server.send("POST", MAPS, JSON, "{\"metadata\": {\"name\": \"copied\"}}");
    Reply reply =
        server.send(
            "PATCH",
            MAPS + "/copied",
            "application/json-patch+json",
            "[{\"op\": \"add\", \"path\": \"/a\", \"value\": {}}," + doubling + "]");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body()).contains("copy operations add more than");
  }

  @Test
  void anAliasStandsForWhatItNames() {
    Reply reply =
        post(
            YAML,
            """
            metadata: {name: alias, labels: &common {team: a, tier: "1"}}
            data:
              <<: *common
              tier: "2"
              one: &word ahoy
              two: *word
            """);
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.body()).contains("\"two\":\"ahoy\"", "\"team\":\"a\"", "\"tier\":\"2\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {".nan", ".inf", "-.inf"})
  void whatIsNoNumberIsNoneInYamlEither(String text) {
    Reply reply = post(YAML, "data: {a: &x 1, b: *x, c: " + text + "}\n");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("json: unsupported value: " + text);
  }

  @Test
  void anAliasOfNothingOrOfWhatItIsAPartOfIsRefused() {
    Reply itself = post(YAML, "data: &x\n  a: *x\nmetadata: {name: alias}\n");
    assertThat(itself.status()).isEqualTo(400);
    assertThat(itself.body()).contains("unknown anchor 'x' referenced");
    assertThat(post(YAML, "data: {a: *y}").body()).contains("unknown anchor 'y' referenced");
  }

  @Test
  void whatStandsTwiceInYamlIsToldByItsLine() {
    String twice =
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: twice, labels: &common {team: a, tier: "1"}}
        data:
          one: "1"
          <<: *common
          tier: "2"
          one: "3"
        binaryData: {b: '', b: ''}
        also: 1
        """;
    String lines =
        "yaml: unmarshal errors:\\n"
            + "  line 7: key \\\"tier\\\" already set in map\\n"
            + "  line 8: key \\\"one\\\" already set in map\\n"
            + "  line 9: key \\\"b\\\" already set in map";
    String[] warned = {
      "299 - \"line 7: key \\\"tier\\\" already set in map\"",
      "299 - \"line 8: key \\\"one\\\" already set in map\"",
      "299 - \"line 9: key \\\"b\\\" already set in map\""
    };
    assertThat(server.send("POST", MAPS + "?fieldValidation=Strict", YAML, twice).body())
        .contains("strict decoding error: " + lines + ", unknown field \\\"also\\\"\"");
    Reply posted = post(YAML, twice);
    assertThat(posted.status()).isEqualTo(201);
    assertThat(posted.warnings()).startsWith(warned).hasSize(4);
    String path = MAPS + "/twice?fieldManager=x";
    String apply = "application/apply-patch+yaml";
    String applied = twice.replace("also: 1", "");
    assertThat(server.send("PATCH", path + "&fieldValidation=Strict", apply, applied).body())
        .contains("error strict decoding YAML: error converting YAML to JSON: " + lines + "\"");
    assertThat(server.send("PATCH", path + "&force=true", apply, applied).warnings())
        .containsExactly(warned);
    assertThat(server.send("PATCH", path + "&fieldValidation=Ignore", apply, applied).warnings())
        .isEmpty();
  }

  @Test
  void aliasesDoNotBecomeMoreThanABodyMayHold() {
    String doubling =
        IntStream.range(1, 40)
            .mapToObj(i -> "a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1))
            .collect(Collectors.joining());
    Reply reply = post(YAML, "a0: &a0 [lol]\n" + doubling);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("document contains excessive aliasing");
    String texts =
        IntStream.range(0, 1000).mapToObj(i -> "k" + i + ": *text\n").collect(Collectors.joining());
    assertThat(post(YAML, "k: &text " + "y".repeat(10_000) + "\n" + texts).body())
        .contains("document contains excessive aliasing");
  }

  @Test
  void aPrefixOfNamesIsCheckedToo() {
    Reply reply = post(JSON, "{\"metadata\": {\"generateName\": \"" + "k".repeat(1000) + "\"}}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body()).contains("\"field\":\"metadata.generateName\"");
    assertThat(post(JSON, "{\"metadata\": {\"generateName\": \"web-\"}}").status()).isEqualTo(201);
  }

  @Test
  void aWatchWithoutASensibleEndIsRefused() {
    Reply reply = server.send("GET", MAPS + "?watch=1&timeoutSeconds=99999999999999999999");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.body()).contains("timeoutSeconds");
  }
}
