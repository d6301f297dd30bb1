package dev.coxswain.apiserver.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.kinds.BuiltinKinds;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class DiscoveryTest {
  private static final String KUBECTL =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
          + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,"
          + "application/json";
  private static final String SCALERS = "horizontalpodautoscalers";
  private final ResourceRegistry registry =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));
  private final Discovery discovery = new Discovery(registry, Extensions.NONE, "10.0.0.1:6443");

  private ObjectNode get(String path, String accept) {
    return Json.parseObject(discovery.document(path, accept).orElseThrow().body());
  }

  @Test
  void listsTheVersionsOfTheCoreGroup() {
    assertThat(get("/api", "").toString())
        .isEqualTo(
            "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\"serverAddressByClientCIDRs\":"
                + "[{\"clientCIDR\":\"0.0.0.0/0\",\"serverAddress\":\"10.0.0.1:6443\"}]}");
  }

  @Test
  void prefersTheStablestAndNewestVersion() {
    ObjectNode group = get("/apis/autoscaling", "application/json");
    assertThat(group.at("/preferredVersion/groupVersion").asString()).isEqualTo("autoscaling/v2");
    assertThat(group.at("/versions/1/version").asString()).isEqualTo("v1");
    assertThat(
            List.of("v1beta1", "x", "v10", "v1alpha1", "v2", "v1", "v1beta2").stream()
                .sorted(GroupVersions.PREFERENCE))
        .containsExactly("v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "x");
  }

  @Test
  void listsResourcesWithTheirSubresources() {
    ObjectNode resources = get("/api/v1", "");
    assertThat(resources.path("groupVersion").asString()).isEqualTo("v1");
    assertThat(resources.path("resources"))
        .anySatisfy(resource ->
            assertThat(resource.toString())
                .isEqualTo(
                    "{\"name\":\"pods/eviction\",\"singularName\":\"\",\"namespaced\":true,"
                        + "\"group\":\"policy\",\"version\":\"v1\",\"kind\":\"Eviction\","
                        + "\"verbs\":[\"create\"]}"))
        .anySatisfy(resource ->
            assertThat(resource.toString())
                .contains("\"name\":\"pods\"", "\"shortNames\":[\"po\"]", "\"watch\""));
  }

  @Test
  void tellsInWhichVersionAResourceIsStored() {
    // As every cluster of Kubernetes says it of its pods.
    assertThat(get("/api/v1", "").path("resources"))
        .anySatisfy(resource -> {
          assertThat(resource.path("name").asString()).isEqualTo("pods");
          assertThat(resource.path("storageVersionHash").asString()).isEqualTo("xPOwRZ+Yhw8=");
        })
        .filteredOn(resource -> resource.path("name").asString().contains("/"))
        .noneMatch(resource -> resource.has("storageVersionHash"));
    String scaler =
        StorageVersionHash.of(
            registry.find("autoscaling", "v2", SCALERS).orElseThrow().storedKind());
    for (String version : List.of("v1", "v2")) {
      assertThat(get("/apis/autoscaling/" + version, "").at("/resources/0/storageVersionHash"))
          .hasToString("\"" + scaler + "\"");
    }
    assertThat(get("/apis/authorization.k8s.io/v1", "").toString())
        .doesNotContain("storageVersionHash");
  }

  @Test
  void aggregatesForClientsThatAsk() {
    Document document = discovery.document("/apis", KUBECTL).orElseThrow();
    assertThat(document.contentType()).contains("as=APIGroupDiscoveryList");
    ObjectNode groups = Json.parseObject(document.body());
    assertThat(groups.path("items"))
        .anySatisfy(group -> {
          assertThat(group.at("/metadata/name").asString()).isEqualTo("apps");
          assertThat(group.at("/versions/0/resources"))
              .anySatisfy(resource -> {
                assertThat(resource.path("resource").asString()).isEqualTo("deployments");
                assertThat(resource.path("subresources"))
                    .anySatisfy(child ->
                        assertThat(child.at("/responseKind/kind").asString()).isEqualTo("Scale"));
              });
        });
    assertThat(discovery.document("/apis", "application/json").orElseThrow().contentType())
        .isEqualTo("application/json");
  }

  @Test
  void followsTheRegistry() {
    assertThat(discovery.document("/apis/example.com/v1", "")).isEmpty();
    registry.replace(
        new GroupResource("example.com", "widgets"),
        List.of(ResourceType.of("example.com", "v1", "Widget").build()));
    assertThat(get("/apis/example.com/v1", "").at("/resources/0/name").asString())
        .isEqualTo("widgets");
    registry.replace(new GroupResource("example.com", "widgets"), List.of());
    assertThat(discovery.document("/apis/example.com/v1", "")).isEmpty();
  }

  @Test
  void saysNothingAboutOtherPaths() {
    for (String path : List.of("/", "/apis/", "/api/v2", "/apis/nope", "/apis/apps/v1/x", "/x/y")) {
      assertThat(discovery.document(path, "")).as(path).isEmpty();
    }
  }
}
