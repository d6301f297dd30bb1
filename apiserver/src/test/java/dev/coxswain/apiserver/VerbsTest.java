package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the verbs answer, where clients look closely. Backticks stand for quotes. */
final class VerbsTest {
  private static final InProcessServer server = new InProcessServer(Randomness.seeded(3));
  private static final String IN = "/api/v1/namespaces/default/";
  private static final String MAPS = IN + "configmaps";

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

  private static JsonNode firstEvent(String accept) {
    String uri =
        "/api/v1/nodes?watch=true&allowWatchBookmarks=true&sendInitialEvents=true"
            + "&resourceVersionMatch=NotOlderThan";
    Reply reply = server.send("GET", uri, Map.of("Accept", accept), new byte[0]);
    JsonNode event = Json.parse(reply.body().lines().findFirst().orElseThrow());
    assertThat(event.path("type").asString()).isEqualTo("BOOKMARK");
    return event.path("object");
  }

  @Test
  void aBookmarkIsOfTheKindThatIsWatched() {
    String end = "/metadata/annotations/k8s.io~1initial-events-end";
    JsonNode whole = firstEvent("application/json");
    assertThat(whole.path("kind").asString()).isEqualTo("Node");
    assertThat(whole.at(end).asString()).isEqualTo("true");

    JsonNode partial = firstEvent("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    assertThat(partial.path("kind").asString()).isEqualTo("PartialObjectMetadata");
    assertThat(partial.path("apiVersion").asString()).isEqualTo("meta.k8s.io/v1");
    assertThat(partial.at(end).asString()).isEqualTo("true");
    assertThat(partial.at("/metadata/resourceVersion").asLong()).isPositive();

    JsonNode table = firstEvent("application/json;as=Table;g=meta.k8s.io;v=v1");
    assertThat(table.path("kind").asString()).isEqualTo("Table");
    assertThat(table.at("/metadata/resourceVersion").asLong()).isPositive();
    assertThat(table.at("/rows/0/object" + end).asString()).isEqualTo("true");
    assertThat(table.at("/rows/0/cells").size()).isEqualTo(table.path("columnDefinitions").size());
  }

  @Test
  void anOwnerStandsOnce() {
    String owner = "{`apiVersion`:`v1`,`kind`:`Node`,`name`:`n`,`uid`:`u`}";
    String other = owner.replace("`u`", "`v`");
    Reply reply =
        send(
            "POST",
            MAPS,
            "{`metadata`:{`name`:`owned`,`ownerReferences`:["
                + String.join(",", owner, other, owner)
                + "]}}");
    assertThat(Json.parse(reply.body()).at("/metadata/ownerReferences").size()).isEqualTo(2);
    assertThat(reply.warnings())
        .singleElement()
        .asString()
        .contains(
            ".metadata.ownerReferences contains duplicate entries; API server dedups",
            "duplicate UID(s) observed: u");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE | configmaps/x?propagationPolicy=Nobody | {} |"
            + " DeleteOptions.meta.k8s.io `` is invalid: propagationPolicy: Unsupported value:"
            + " `Nobody`: supported values: `Background`, `Foreground`, `Orphan`, `nil`",
        "DELETE | configmaps/x | {`orphanDependents`:true,`propagationPolicy`:`Orphan`} |"
            + " DeleteOptions.meta.k8s.io `` is invalid: propagationPolicy: Invalid value:"
            + " `Orphan`: orphanDependents and deletionPropagation cannot be both set",
        "POST | configmaps?fieldValidation=Loose | {`metadata`:{`name`:`x`}} |"
            + " CreateOptions.meta.k8s.io `` is invalid: fieldValidation: Unsupported value:"
            + " `Loose`: supported values: ``, `Ignore`, `Strict`, `Warn`",
      })
  void anOptionThatMakesNoSenseIsInvalid(String method, String path, String body, String message) {
    Reply reply = send(method, IN + path, body);
    assertThat(reply.status()).isEqualTo(422);
    assertThat(Json.parse(reply.body()).path("message").asString().replace('"', '`'))
        .isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flowcontrol.apiserver.k8s.io/v1/flowschemas | x |"
            + " `priorityLevelConfiguration`:{`name`:`exempt`}",
        "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations | x | `type`:`Limited`,"
            + "`limited`:{`limitResponse`:{`type`:`Reject`}}",
        "apiregistration.k8s.io/v1/apiservices | v1.example.com | `group`:`example.com`,"
            + "`version`:`v1`,`groupPriorityMinimum`:1,`versionPriority`:1,"
            + "`service`:{`namespace`:`default`,`name`:`s`}",
        "resource.k8s.io/v1/namespaces/default/resourceclaims | x | `devices`:{}",
        "storage.k8s.io/v1/volumeattachments | x | `attacher`:`a.example.com`,`nodeName`:`n`,"
            + "`source`:{`persistentVolumeName`:`v`}",
      })
  void someStatusesComeAlone(String path, String name, String spec) {
    String objects = "/apis/" + path;
    made("POST", objects, "{`metadata`:{`name`:`" + name + "`},`spec`:{" + spec + "}}");
    Reply reply =
        server.send(
            "PATCH",
            objects + "/" + name + "/status",
            "application/merge-patch+json",
            "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    assertThat(Json.parse(reply.body()).path("metadata").has("labels")).isFalse();
  }

  @Test
  void nothingIsScaledBelowZero() {
    made(
        "POST",
        IN + "replicationcontrollers",
        "{`metadata`:{`name`:`rc`},`spec`:{`replicas`:0,`selector`:{`a`:`b`},`template`:{"
            + "`metadata`:{`labels`:{`a`:`b`}},`spec`:{`containers`:[{`name`:`c`,`image`:`i`}]}}}}");
    Reply reply =
        server.send(
            "PATCH",
            IN + "replicationcontrollers/rc/scale",
            "application/merge-patch+json",
            "{\"spec\":{\"replicas\":-1}}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(Json.parse(reply.body()).path("message").asString())
        .isEqualTo(
            "Scale.autoscaling \"rc\" is invalid: spec.replicas: Invalid value: -1: must be"
                + " greater than or equal to 0");
  }

  @Test
  void aDeleteThatIsNotDoneYetIsAcceptedWhereDependentsGo() {
    for (String options : List.of("{`orphanDependents`:false}", "{}")) {
      made("POST", MAPS, "{`metadata`:{`name`:`held`,`finalizers`:[`example.com/later`]}}");
      assertThat(send("DELETE", MAPS + "/held", options).status())
          .isEqualTo(options.equals("{}") ? 200 : 202);
      server.send(
          "PATCH",
          MAPS + "/held",
          "application/merge-patch+json",
          "{\"metadata\":{\"finalizers\":null}}");
    }
  }

  @Test
  void moreOperationsThanAPatchMayHaveAreTooLarge() {
    made("POST", MAPS, "{`metadata`:{`name`:`patched`}}");
    String operation = "{\"op\":\"test\",\"path\":\"/kind\",\"value\":\"ConfigMap\"}";
    String uri = MAPS + "/patched";
    String type = "application/json-patch+json";
    String most = "[" + String.join(",", Collections.nCopies(10_000, operation)) + "]";
    assertThat(server.send("PATCH", uri, type, most).status()).isEqualTo(200);
    Reply reply = server.send("PATCH", uri, type, most.replaceFirst("\\[", "[" + operation + ","));
    assertThat(reply.status()).isEqualTo(413);
    assertThat(Json.parse(reply.body()).path("message").asString())
        .isEqualTo(
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000,"
                + " got 10001");
  }

  @Test
  void aScaleIsThatOfTheObjectInTheUrl() {
    made(
        "POST",
        IN + "replicationcontrollers",
        "{`metadata`:{`name`:`sized`},`spec`:{`replicas`:0,`selector`:{`a`:`b`},`template`:{"
            + "`metadata`:{`labels`:{`a`:`b`}},`spec`:{`containers`:[{`name`:`c`,`image`:`i`}]}}}}");
    String uri = IN + "replicationcontrollers/sized/scale";
    String scale = "{`metadata`:{`name`:`%s`%s},`spec`:{`replicas`:1}}";
    Reply other = send("PUT", uri, scale.formatted("another", ""));
    assertThat(other.status()).as(other.body()).isEqualTo(400);
    Reply former = send("PUT", uri, scale.formatted("sized", ",`uid`:`former`"));
    assertThat(former.status()).as(former.body()).isEqualTo(409);
    assertThat(made("GET", uri, "").at("/spec/replicas").asInt()).isZero();
    assertThat(made("PUT", uri, scale.formatted("sized", "")).at("/spec/replicas").asInt())
        .isEqualTo(1);
  }

  @Test
  void aShorterGracePeriodCountsFromTheFirstDelete() {
    made(
        "POST",
        IN + "pods",
        "{`metadata`:{`name`:`slow`},`spec`:{`nodeName`:`n`,`containers`:[{`name`:`c`,"
            + "`image`:`i`}]}}");
    JsonNode first = made("DELETE", IN + "pods/slow", "{`gracePeriodSeconds`:3600}");
    JsonNode second = made("DELETE", IN + "pods/slow", "{`gracePeriodSeconds`:60}");
    assertThat(Duration.between(deleted(second), deleted(first))).isEqualTo(Duration.ofMinutes(59));
    assertThat(second.at("/metadata/deletionGracePeriodSeconds").asLong()).isEqualTo(60);
  }

  @Test
  void labelKeysOfAPodAreMergedOnceHoweverOftenAdmissionChangesIt() {
    JsonNode pod =
        made(
            "POST",
            IN + "pods",
            "{`metadata`:{`name`:`spread`,`labels`:{`hash`:`1`}},`spec`:{`containers`:[{`name`:`c`,"
                + "`image`:`i`}],`topologySpreadConstraints`:[{`maxSkew`:1,`topologyKey`:`zone`,"
                + "`whenUnsatisfiable`:`DoNotSchedule`,`labelSelector`:{},"
                + "`matchLabelKeys`:[`hash`]}]}}");
    JsonNode selector = pod.at("/spec/topologySpreadConstraints/0/labelSelector/matchExpressions");
    assertThat(selector.toString().replace('"', '`'))
        .isEqualTo("[{`key`:`hash`,`operator`:`In`,`values`:[`1`]}]");
  }

  private static Instant deleted(JsonNode object) {
    return Instant.parse(object.at("/metadata/deletionTimestamp").asString());
  }

  @Test
  void whatIsDeletedAtOnceIsTheAnswerForSomeKinds() {
    made("POST", IN + "serviceaccounts", "{`metadata`:{`name`:`gone`}}");
    JsonNode account = made("DELETE", IN + "serviceaccounts/gone", "{}");
    assertThat(account.path("kind").asString()).isEqualTo("ServiceAccount");
    assertThat(account.at("/metadata/name").asString()).isEqualTo("gone");
    made("POST", MAPS, "{`metadata`:{`name`:`gone`}}");
    JsonNode status = made("DELETE", MAPS + "/gone", "{}");
    assertThat(status.path("kind").asString()).isEqualTo("Status");
    assertThat(status.at("/details/kind").asString()).isEqualTo("configmaps");
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
