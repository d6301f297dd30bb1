package dev.coxswain.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.http.LocalRequests.Reply;
import dev.coxswain.runtime.time.Randomness;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Definitions with schemas as hard as people write them. Each file is a definition and then objects
 * in order: a name that is there already is an update, and what is to be refused says so in an
 * annotation.
 */
class CustomResourcesTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final List<String> IDENTITY = List.of("apiVersion", "kind", "metadata", "status");

  private static InProcessServer server = new InProcessServer(Randomness.seeded(1));

  @BeforeAll
  static void start() {
    server.close();
    server = new InProcessServer(Randomness.seeded(1));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static Stream<Path> definitions() throws IOException, URISyntaxException {
    var folder = Objects.requireNonNull(CustomResourcesTest.class.getResource("/definitions"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      List<Path> sorted = files.sorted().toList();
      assertThat(sorted).hasSize(20);
      return sorted.stream();
    }
  }

  static List<ObjectNode> documents(Path file) throws IOException {
    List<ObjectNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> all =
        YAML.readerFor(JsonNode.class).readValues(Files.readAllBytes(file))) {
      while (all.hasNext()) {
        if (all.next() instanceof ObjectNode document) {
          documents.add(document);
        }
      }
    }
    return documents;
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void itsObjectsAreTakenOrRefused(Path file) throws IOException {
    List<ObjectNode> documents = documents(file);
    ObjectNode definition = documents.removeFirst();
    define(server, definition);
    for (ObjectNode object : documents) {
      write(definition, object);
    }
    for (JsonNode version : Json.at(definition, "spec", "versions")) {
      if (Json.flag(version, "served")) {
        explained(definition, version);
      }
    }
  }

  @Test
  void aGroupOfTheCommunitySaysWhereItWasAgreedUpon() throws IOException {
    ObjectNode definition =
        (ObjectNode)
            YAML.readTree(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata:
                  name: gates.networking.k8s.io
                  annotations: {api-approved.kubernetes.io: "https://example.com/1"}
                spec:
                  group: networking.k8s.io
                  scope: Namespaced
                  names: {plural: gates, singular: gate, kind: Gate, listKind: GateList}
                  versions:
                  - {name: v1, served: true, storage: true,
                     schema: {openAPIV3Schema: {type: object}}}
                """);
    define(server, definition);
    Reply reply =
        server.send(
            "GET",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gates.networking.k8s.io");
    assertThat(reply.body())
        .contains("KubernetesAPIApprovalPolicyConformant", "approved in https://example.com/1");
  }

  /** Creates a definition, and waits until what it defines is served. */
  static void define(InProcessServer server, ObjectNode definition) {
    Reply reply =
        server.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    String uri = uri(definition, "v1");
    Awaitility.await().until(() -> server.send("GET", uri).status() == 200);
  }

  /** Where the objects of a definition are. */
  static String uri(ObjectNode definition, String version) {
    boolean namespaced = Json.text(definition, "spec", "scope").equals("Namespaced");
    return "/apis/"
        + Json.text(definition, "spec", "group")
        + "/"
        + version
        + (namespaced ? "/namespaces/default/" : "/")
        + Json.text(definition, "spec", "names", "plural");
  }

  private static void write(ObjectNode definition, ObjectNode object) {
    String uri = uri(definition, Json.text(object, "apiVersion").split("/", 2)[1]);
    String name = Json.text(object, "metadata", "name");
    String refused = Json.text(object, "metadata", "annotations", "refused");
    Reply there = server.send("GET", uri + "/" + name);
    Reply reply;
    if (there.status() == 200) {
      ObjectNode update = object.deepCopy();
      Json.ensureObject(update, "metadata")
          .put(
              "resourceVersion",
              Json.text(Json.parse(there.body()), "metadata", "resourceVersion"));
      reply = server.send("PUT", uri + "/" + name, update);
    } else {
      reply = server.send("POST", uri, object);
    }
    if (refused.isEmpty()) {
      assertThat(reply.status()).as(name + ": " + reply.body()).isBetween(200, 201);
      Reply back = server.send("GET", uri + "/" + name);
      contains(Json.parse(back.body()).path("spec"), object.path("spec"), name + ".spec");
    } else {
      assertThat(reply.status()).as(name + ": " + reply.body()).isEqualTo(422);
      assertThat(Json.text(Json.parse(reply.body()), "message")).contains(refused);
    }
  }

  /** Whether all that was sent came back. */
  private static void contains(JsonNode back, JsonNode sent, String path) {
    if (sent instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        contains(back.path(field.getKey()), field.getValue(), path + "." + field.getKey());
      }
    } else {
      assertThat(Json.same(back, sent)).as(path + ": " + back + " for " + sent).isTrue();
    }
  }

  /** OpenAPI, of which {@code kubectl explain} speaks, has every property with its type. */
  private static void explained(ObjectNode definition, JsonNode version) {
    String group = Json.text(definition, "spec", "group");
    String kind = Json.text(definition, "spec", "names", "kind");
    Reply reply =
        server.send("GET", "/openapi/v3/apis/" + group + "/" + Json.text(version, "name"));
    assertThat(reply.status()).isEqualTo(200);
    JsonNode schemas = Json.at(Json.parse(reply.body()), "components", "schemas");
    List<JsonNode> found = new ArrayList<>();
    schemas
        .properties()
        .forEach(entry -> {
          if (Json.text(entry.getValue().path("x-kubernetes-group-version-kind").path(0), "kind")
              .equals(kind)) {
            found.add(entry.getValue());
          }
        });
    assertThat(found).hasSize(1);
    alike(found.getFirst(), Json.at(version, "schema", "openAPIV3Schema"), kind, true);
  }

  private static void alike(JsonNode shown, JsonNode schema, String path, boolean root) {
    if (!root) {
      assertThat(Json.text(shown, "type")).as(path).isEqualTo(Json.text(schema, "type"));
    }
    for (String keyword :
        List.of(
            "description",
            "x-kubernetes-int-or-string",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-embedded-resource",
            "x-kubernetes-list-type",
            "x-kubernetes-validations",
            "enum",
            "default")) {
      if (schema.has(keyword)) {
        assertThat(Json.same(shown.path(keyword), schema.path(keyword)))
            .as(path + " " + keyword + ": " + shown.path(keyword))
            .isTrue();
      }
    }
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = property.getKey();
      if (!root || !IDENTITY.contains(name)) {
        alike(shown.path("properties").path(name), property.getValue(), path + "." + name, false);
      }
    }
    if (schema.path("items").isObject()) {
      alike(shown.path("items"), schema.path("items"), path + "[]", false);
    }
    if (schema.path("additionalProperties").isObject()) {
      alike(
          shown.path("additionalProperties"),
          schema.path("additionalProperties"),
          path + "{}",
          false);
    }
  }
}
