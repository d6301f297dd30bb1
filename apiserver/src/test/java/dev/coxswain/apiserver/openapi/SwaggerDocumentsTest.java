package dev.coxswain.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.discovery.Document;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.structural.StructuralSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SwaggerDocumentsTest {
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  private static final String BINARY = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  private static final int PATHS = 8;
  private static final int DEFINITIONS = 9;
  private static final int SCHEMA_PROPERTIES = 25;

  private final ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(SCHEMAS));
  private final SwaggerDocuments documents =
      new SwaggerDocuments(registry, SCHEMAS, "v1.34.1", ForeignSpecs.NONE);

  private Document get(String accept) {
    return documents.document("/openapi/v2", accept).orElseThrow();
  }

  private JsonNode json() {
    return Json.parse(get("application/json").body());
  }

  private JsonNode widget(String schema) {
    registry.replace(
        new GroupResource("example.com", "widgets"),
        List.of(
            ResourceType.of("example.com", "v1", "Widget")
                .custom("WidgetList")
                .schema(StructuralSchema.of(Json.parseObject(schema), SCHEMAS.objectMeta()))
                .build()));
    return json().path("definitions").path("com.example.v1.Widget");
  }

  @Test
  void everyReferenceIsDefined() {
    JsonNode document = json();
    JsonNode definitions = document.path("definitions");
    for (JsonNode reference : document.findValues("$ref")) {
      if (reference.isString()) {
        String name = reference.asString().substring("#/definitions/".length());
        assertThat(definitions.has(name)).as(name).isTrue();
      }
    }
    assertThat(definitions.size()).isGreaterThan(500);
  }

  @Test
  void saysInSwaggerWhatOldClientsLookFor() {
    JsonNode document = json();
    JsonNode patch =
        document
            .path("paths")
            .path("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
            .path("patch");
    assertThat(patch.path("operationId").asString()).isEqualTo("patchAppsV1NamespacedDeployment");
    assertThat(patch.path("x-kubernetes-action").asString()).isEqualTo("patch");
    assertThat(patch.path("parameters"))
        .anySatisfy(p -> {
          assertThat(p.path("in").asString()).isEqualTo("body");
          assertThat(p.path("schema").path("$ref").asString()).endsWith("meta.v1.Patch");
        })
        .anySatisfy(p -> assertThat(p.path("name").asString()).isEqualTo("dryRun"));
    JsonNode definitions = document.path("definitions");
    JsonNode spec = definitions.path("io.k8s.api.core.v1.Pod").path("properties").path("spec");
    assertThat(spec.path("$ref").asString()).isEqualTo("#/definitions/io.k8s.api.core.v1.PodSpec");
    assertThat(spec.path("description").asString()).isNotBlank();
    assertThat(definitions.path("io.k8s.apimachinery.pkg.util.intstr.IntOrString").path("type"))
        .hasToString("\"string\"");
    assertThat(definitions.path("io.k8s.apimachinery.pkg.api.resource.Quantity").path("type"))
        .hasToString("\"string\"");
  }

  @Test
  void ofACustomResourceOnlyWhatSwaggerCanSay() {
    JsonNode widget =
        widget(
            """
            {"type":"object","description":"A widget","required":["spec"],"properties":{"spec":{
              "type":"object","required":["size","hue"],
              "not":{"required":["x"]},
              "properties":{
                "size":{"type":"integer","nullable":true},
                "hue":{"type":"string"},
                "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,
                  "properties":{"a":{"type":"string"}}},
                "part":{"type":"object","x-kubernetes-embedded-resource":true}
              }}}}\
            """);
    assertThat(widget.path("description").asString()).isEqualTo("A widget");
    assertThat(widget.path("properties").path("metadata").path("$ref").asString())
        .endsWith("meta.v1.ObjectMeta");
    JsonNode spec = widget.path("properties").path("spec");
    assertThat(spec.has("not")).isFalse();
    assertThat(spec.path("required")).hasToString("[\"hue\"]");
    JsonNode properties = spec.path("properties");
    assertThat(properties.path("size")).hasToString("{}");
    assertThat(properties.path("free"))
        .hasToString("{\"x-kubernetes-preserve-unknown-fields\":true}");
    assertThat(properties.path("part").path("required")).hasToString("[\"kind\",\"apiVersion\"]");
    assertThat(widget.path("x-kubernetes-group-version-kind").path(0).path("group").asString())
        .isEqualTo("example.com");
  }

  @Test
  void ofAResourceThatKeepsEverythingNothingButItsKind() {
    JsonNode widget =
        widget(
            """
            {"type":"object","x-kubernetes-preserve-unknown-fields":true,
              "properties":{"spec":{"type":"object"}}}\
            """);
    assertThat(widget.propertyNames()).containsExactly("type", "x-kubernetes-group-version-kind");
  }

  @Test
  void theBinaryFormSaysTheSame() throws IOException {
    JsonNode document = json();
    Document binary = get(BINARY);
    assertThat(binary.contentType())
        .isEqualTo("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    List<byte[]> paths = messages(messages(binary.body(), PATHS).getFirst(), 2);
    assertThat(paths.stream().map(SwaggerDocumentsTest::name))
        .containsExactlyElementsOf(document.path("paths").propertyNames());
    List<byte[]> definitions = messages(messages(binary.body(), DEFINITIONS).getFirst(), 1);
    assertThat(definitions.stream().map(SwaggerDocumentsTest::name))
        .containsExactlyElementsOf(document.path("definitions").propertyNames());
    byte[] podSpec =
        definitions.stream()
            .filter(entry -> name(entry).equals("io.k8s.api.core.v1.PodSpec"))
            .map(entry -> messages(entry, 2).getFirst())
            .findFirst()
            .orElseThrow();
    List<byte[]> properties = messages(messages(podSpec, SCHEMA_PROPERTIES).getFirst(), 1);
    assertThat(properties.stream().map(SwaggerDocumentsTest::name))
        .contains("containers", "volumes");
    // containers: a list of references, merged by name.
    byte[] containers =
        properties.stream()
            .filter(entry -> name(entry).equals("containers"))
            .map(entry -> messages(entry, 2).getFirst())
            .findFirst()
            .orElseThrow();
    byte[] items = messages(messages(containers, 23).getFirst(), 1).getFirst();
    assertThat(name(items)).isEqualTo("#/definitions/io.k8s.api.core.v1.Container");
    assertThat(messages(containers, 31).stream().map(SwaggerDocumentsTest::name))
        .contains("x-kubernetes-patch-merge-key");
  }

  private static String name(byte[] entry) {
    return new String(messages(entry, 1).getFirst(), StandardCharsets.UTF_8);
  }

  /** The contents of the fields with this number that have a length. */
  private static List<byte[]> messages(byte[] message, int number) {
    List<byte[]> found = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
          found.add(in.readByteArray());
        } else {
          in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new AssertionError("not a message", e);
    }
    return found;
  }

  @Test
  void isMadeOnceForWhatIsServedAndKeptSmall() {
    Document first = get("");
    assertThat(get("text/html, */*;q=0.8")).isSameAs(first);
    assertThat(first.kept().length).isLessThan(1 << 20);
    widget("{\"type\":\"object\"}");
    assertThat(get("").hash()).isNotEqualTo(first.hash());
    assertThatThrownBy(() -> get("image/png")).isInstanceOf(ApiException.class);
  }
}
