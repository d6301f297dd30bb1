package dev.coxswain.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class OpenApiTest {
  private static final String APPS = "/openapi/v3/apis/apps/v1";
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  private final ResourceRegistry registry = new ResourceRegistry(BuiltinKinds.all(SCHEMAS));
  private final OpenApi openApi = new OpenApi(registry, SCHEMAS, "v1.34.1", "", ForeignSpecs.NONE);

  private JsonNode get(String path) {
    return Json.parse(openApi.document(path, "").orElseThrow().body());
  }

  @Test
  void theIndexNamesEveryVersionWithAHash() {
    JsonNode paths = get("/openapi/v3").path("paths");
    assertThat(paths.propertyNames()).contains("api/v1", "apis/apps/v1", "apis/autoscaling/v2");
    assertThat(paths.path("apis/apps/v1").path("serverRelativeURL").asString())
        .matches("/openapi/v3/apis/apps/v1\\?hash=[0-9A-F]{64}");
    paths
        .properties()
        .forEach(entry ->
            assertThat(Json.text(entry.getValue(), "serverRelativeURL"))
                .endsWith(
                    "?hash=" + openApi.content("/openapi/v3/" + entry.getKey()).orElseThrow()));
    assertThat(new OpenApi(registry, SCHEMAS, "v1.34.1", "b", ForeignSpecs.NONE).content(APPS))
        .isNotEqualTo(openApi.content(APPS));
    assertThat(openApi.document("/openapi/v3/apis/nope/v1", "")).isEmpty();
    assertThat(openApi.content("/openapi/v3/apis/nope/v1")).isEmpty();
    assertThat(openApi.content("/openapi/v3")).isEmpty();
  }

  @Test
  void everyReferenceIsDefined() {
    for (String path : get("/openapi/v3").path("paths").propertyNames()) {
      JsonNode document = get("/openapi/v3/" + path);
      JsonNode definitions = document.path("components").path("schemas");
      for (JsonNode reference : document.findValues("$ref")) {
        if (!reference.isString()) {
          continue; // The definition of schemas has a property of this name.
        }
        String name = reference.asString().substring("#/components/schemas/".length());
        assertThat(definitions.has(name)).as("%s in %s", name, path).isTrue();
      }
    }
  }

  @Test
  void saysWhatKubectlLooksFor() {
    JsonNode document = get("/openapi/v3/apis/apps/v1");
    JsonNode patch =
        document
            .path("paths")
            .path("/apis/apps/v1/namespaces/{namespace}/deployments/{name}")
            .path("patch");
    assertThat(patch.path("x-kubernetes-group-version-kind").toString())
        .isEqualTo("{\"group\":\"apps\",\"kind\":\"Deployment\",\"version\":\"v1\"}");
    assertThat(patch.path("parameters"))
        .anySatisfy(p -> assertThat(p.path("name").asString()).isEqualTo("fieldValidation"));
    JsonNode definitions = document.path("components").path("schemas");
    assertThat(
            definitions
                .path("io.k8s.api.apps.v1.Deployment")
                .path("x-kubernetes-group-version-kind")
                .path(0)
                .path("kind")
                .asString())
        .isEqualTo("Deployment");
    JsonNode containers =
        definitions.path("io.k8s.api.core.v1.PodSpec").path("properties").path("containers");
    assertThat(containers.path("x-kubernetes-patch-merge-key").asString()).isEqualTo("name");
    assertThat(containers.path("description").asString()).isNotBlank();
  }

  @Test
  void describesWhatIsAddedAtRunTime() {
    String before = get("/openapi/v3").toString();
    registry.replace(
        new GroupResource("example.com", "widgets"),
        List.of(ResourceType.of("example.com", "v1", "Widget").build()));
    assertThat(get("/openapi/v3").toString()).isNotEqualTo(before);
    JsonNode definitions =
        get("/openapi/v3/apis/example.com/v1").path("components").path("schemas");
    assertThat(definitions.propertyNames())
        .contains("com.example.v1.Widget", "com.example.v1.WidgetList");
  }
}
