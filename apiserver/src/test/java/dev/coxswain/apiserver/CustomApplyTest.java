package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Objects of a definition with defaults, lists with keys and a scale, applied and posted. */
final class CustomApplyTest {
  private static final InProcessServer server = new InProcessServer(Randomness.seeded(1));
  private static final String ALL = "/apis/example.com/v1/namespaces/default/boats";

  @BeforeAll
  static void define() {
    ObjectNode definition =
        (ObjectNode)
            new YAMLMapper()
                .readTree(
                    """
                    apiVersion: apiextensions.k8s.io/v1
                    kind: CustomResourceDefinition
                    metadata: {name: boats.example.com}
                    spec:
                      group: example.com
                      scope: Namespaced
                      names: {plural: boats, singular: boat, kind: Boat, listKind: BoatList}
                      versions:
                      - name: v1
                        served: true
                        storage: true
                        subresources:
                          scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
                        schema:
                          openAPIV3Schema:
                            type: object
                            properties:
                              status: {type: object, properties: {size: {type: integer}}}
                              spec:
                                type: object
                                properties:
                                  size: {type: integer, default: 3}
                                  berths:
                                    type: object
                                    additionalProperties:
                                      type: object
                                      properties: {width: {type: integer, default: 2}}
                                  ports:
                                    type: array
                                    x-kubernetes-list-type: map
                                    x-kubernetes-list-map-keys: [number, side]
                                    items:
                                      type: object
                                      required: [number]
                                      properties:
                                        number: {type: integer}
                                        side: {type: string, default: left}
                                        note: {type: string}
                    """);
    CustomResourcesTest.define(server, definition);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Reply apply(String manager, String name, String spec) {
    return server.send(
        "PATCH",
        ALL + "/" + name + "?fieldManager=" + manager,
        "application/apply-patch+yaml",
        "{apiVersion: example.com/v1, kind: Boat, metadata: {name: %s}, spec: %s}"
            .formatted(name, spec));
  }

  private static JsonNode spec(Reply reply) {
    assertThat(reply.status()).as(reply.body()).isIn(200, 201);
    return Json.parse(reply.body()).path("spec");
  }

  @Test
  void whatIsAppliedEmptyKeepsItsDefaults() {
    for (String spec : new String[] {"{}", "{berths: {bow: {}, stern: {}}}"}) {
      Reply first = apply("ada", "empty", spec);
      JsonNode made = spec(first);
      assertThat(made.path("size").asInt()).isEqualTo(3);
      Reply again = apply("ada", "empty", spec);
      assertThat(spec(again)).isEqualTo(made);
      assertThat(Json.parse(again.body()).at("/metadata/resourceVersion"))
          .isEqualTo(Json.parse(first.body()).at("/metadata/resourceVersion"));
    }
    assertThat(spec(apply("ada", "empty", "{berths: {bow: {}}}")).path("berths"))
        .hasToString("{\"bow\":{\"width\":2}}");
    assertThat(spec(apply("ada", "empty", "{size: 4}"))).hasToString("{\"size\":4}");
  }

  @Test
  void aKeyThatHasADefaultNeedNotBeApplied() {
    JsonNode made = spec(apply("ada", "keyed", "{ports: [{number: 1, note: a}]}"));
    assertThat(made.at("/ports/0/side").asString()).isEqualTo("left");
    JsonNode both = spec(apply("bob", "keyed", "{ports: [{number: 1, side: right}]}"));
    assertThat(both.path("ports")).hasSize(2);
    assertThat(spec(apply("ada", "keyed", "{ports: [{number: 1, side: left}]}")).path("ports"))
        .hasToString("[{\"number\":1,\"side\":\"left\"},{\"number\":1,\"side\":\"right\"}]");
  }

  @Test
  void aNumberOfReplicasBeyondAllBoundsIsInvalid() {
    Reply reply =
        server.send(
            "POST",
            ALL,
            "application/json",
            "{\"apiVersion\": \"example.com/v1\", \"kind\": \"Boat\", \"metadata\": {\"name\":"
                + " \"vast\"}, \"spec\": {\"size\": 9223372036854775808}}");
    assertThat(reply.status()).isEqualTo(422);
    assertThat(reply.body()).contains("is of the wrong type, expected int64");
  }
}
