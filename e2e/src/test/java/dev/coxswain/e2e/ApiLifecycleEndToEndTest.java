package dev.coxswain.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * One object of every kind through every verb of the API, as it is on the wire: the collection of a
 * namespace and of all, watches, both kinds of patch, the status, and the deletion of a collection
 * by label.
 */
@ExtendWith(SharedCluster.class)
final class ApiLifecycleEndToEndTest {
  private static final String NAMESPACE = "api-walk";
  private static final YAMLMapper YAML = new YAMLMapper();

  private static RawApi api;

  @BeforeAll
  static void begin(Cluster cluster) {
    api = new RawApi(cluster);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterAll
  static void leaveNothing(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @TestFactory
  Stream<DynamicTest> everyKindHasEveryVerb() throws IOException {
    var resources = resources();
    List<DynamicTest> tests = new ArrayList<>();
    String manifests = Files.readString(KubectlKindsEndToEndTest.MANIFESTS);
    for (String manifest : manifests.replace("NAMESPACE", NAMESPACE).split("\n---\n", -1)) {
      if (manifest.startsWith("#")) {
        continue;
      }
      ObjectNode object = (ObjectNode) YAML.readTree(manifest);
      String kind = object.path("apiVersion").asString() + " " + object.path("kind").asString();
      Resource resource = requireNonNull(resources.get(kind), kind + " is not served");
      tests.add(DynamicTest.dynamicTest(kind, () -> walk(object, resource)));
    }
    assertThat(tests).hasSizeGreaterThan(50);
    return tests.stream();
  }

  /** Each end of a watch breaks a request of the connection off, which servers take for a flood. */
  @Test
  void whoEndsWatchAfterWatchKeepsTheConnection() {
    String path = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
    String before = revision(api.get(path));
    api.create(path, "{apiVersion: v1, kind: ConfigMap, metadata: {name: watched}}");
    for (int watch = 0; watch < 1_000; watch++) {
      api.awaitEvent(path + "?resourceVersion=" + before, "ADDED", named("watched"));
    }
    api.delete(path + "/watched");
  }

  /** A resource as discovery describes it. */
  private record Resource(
      String root, String plural, boolean namespaced, boolean hasStatus, boolean inBulk) {
    String everywhere() {
      return root + "/" + plural;
    }

    String collection() {
      return namespaced ? root + "/namespaces/" + NAMESPACE + "/" + plural : everywhere();
    }
  }

  /** Every resource by its version and kind. */
  private static Map<String, Resource> resources() {
    List<String> roots = new ArrayList<>(List.of("/api/v1"));
    Cluster.stream(api.get("/apis").path("groups"))
        .flatMap(group -> Cluster.stream(group.path("versions")))
        .forEach(version -> roots.add("/apis/" + version.path("groupVersion").asString()));
    var resources = new TreeMap<String, Resource>();
    for (String root : roots) {
      JsonNode list = api.get(root).path("resources");
      Set<String> names =
          Set.copyOf(Cluster.stream(list).map(r -> r.path("name").asString()).toList());
      for (JsonNode resource : list) {
        String name = resource.path("name").asString();
        if (!name.contains("/") && resource.path("verbs").toString().contains("create")) {
          String version = root.replaceFirst("^/apis?/", "");
          resources.put(
              version + " " + resource.path("kind").asString(),
              new Resource(
                  root,
                  name,
                  resource.path("namespaced").asBoolean(),
                  names.contains(name + "/status"),
                  resource.path("verbs").toString().contains("deletecollection")));
        }
      }
    }
    return resources;
  }

  private void walk(ObjectNode manifest, Resource resource) {
    String label = "?labelSelector=walked=" + resource.plural();
    ObjectNode metadata = (ObjectNode) manifest.path("metadata");
    metadata.withObject("labels").put("walked", resource.plural());
    String before = revision(api.get(resource.collection() + label));
    JsonNode created = api.create(resource.collection(), manifest.toString());
    String name = created.path("metadata").path("name").asString();
    String path = resource.collection() + "/" + name;
    try {
      read(resource, label, path, created);
      RawApi.Answer again =
          api.ask("POST", resource.collection(), "application/json", manifest.toString());
      assertThat(again.code()).as(again.text()).isEqualTo(409);
      assertThat(again.reason()).isEqualTo("AlreadyExists");
      change(path);
      if (resource.hasStatus()) {
        status(path, created);
      }
      String since = resource.collection() + label + "&resourceVersion=" + before;
      api.awaitEvent(since, "ADDED", named(name));
      api.awaitEvent(
          since, "MODIFIED", named(name).and(seen -> annotation(seen, "patched").equals("true")));
      api.awaitEvent(
          resource.everywhere() + label + "&resourceVersion=" + before,
          "MODIFIED",
          named(name).and(seen -> annotation(seen, "replaced").equals("true")));
      deleteByLabel(resource, label, since, path);
    } finally {
      api.ask("DELETE", path);
    }
  }

  private static void read(Resource resource, String label, String path, JsonNode created) {
    assertThat(uid(api.get(path))).isEqualTo(uid(created));
    for (String collection : List.of(resource.collection(), resource.everywhere())) {
      JsonNode list = api.get(collection + label);
      assertThat(list.path("kind").asString()).isEqualTo(created.path("kind").asString() + "List");
      assertThat(list.path("items")).as(collection).hasSize(1);
      assertThat(uid(list.path("items").path(0))).isEqualTo(uid(created));
    }
  }

  private static void change(String path) {
    JsonNode merged =
        api.patch(
            path, RawApi.MERGE_PATCH, "{\"metadata\":{\"annotations\":{\"patched\":\"true\"}}}");
    assertThat(annotation(merged, "patched")).isEqualTo("true");
    if (!path.contains("strolls")) {
      JsonNode patched =
          api.patch(
              path,
              RawApi.STRATEGIC_PATCH,
              "{\"metadata\":{\"creationTimestamp\":null,\"labels\":{\"step\":\"second\"}}}");
      assertThat(patched.path("metadata").path("labels").path("step").asString())
          .isEqualTo("second");
      assertThat(patched.path("metadata").path("creationTimestamp"))
          .isEqualTo(merged.path("metadata").path("creationTimestamp"));
    }
    JsonNode replaced = retried(path, path, "replaced");
    assertThat(annotation(replaced, "replaced")).isEqualTo("true");
  }

  /**
   * The status is read, patched and replaced under a path of its own, annotations along with it.
   */
  private static void status(String path, JsonNode created) {
    JsonNode status = api.get(path + "/status");
    assertThat(status.path("kind")).isEqualTo(created.path("kind"));
    assertThat(uid(status)).isEqualTo(uid(created));
    api.patch(path + "/status", RawApi.MERGE_PATCH, "{\"status\":{}}");
    retried(path, path + "/status", "replaced-status");
  }

  /**
   * Replaces the object by what it is with one more annotation; again where somebody was faster.
   */
  private static JsonNode retried(String from, String to, String annotation) {
    while (true) {
      ObjectNode object = (ObjectNode) api.get(from);
      ((ObjectNode) object.path("metadata")).withObject("annotations").put(annotation, "true");
      RawApi.Answer answer = api.ask("PUT", to, "application/json", object.toString());
      if (!answer.reason().equals("Conflict")) {
        return answer.orFail();
      }
    }
  }

  private static void deleteByLabel(Resource resource, String label, String since, String path) {
    if (resource.inBulk()) {
      api.delete(resource.collection() + "?labelSelector=walked=nothing");
      assertThat(api.get(path).path("metadata").has("deletionTimestamp")).isFalse();
      api.delete(resource.collection() + label);
    } else {
      // Namespaces alone.
      assertThat(api.ask("DELETE", resource.collection() + label).code()).isEqualTo(405);
      api.delete(path);
    }
    api.awaitEvent(since, "DELETED", seen -> path.endsWith("/" + name(seen)));
    assertThat(api.get(resource.collection() + label).path("items")).isEmpty();
  }

  private static Predicate<JsonNode> named(String name) {
    return object -> name(object).equals(name);
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asString("");
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asString();
  }

  private static String revision(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asString();
  }

  private static String annotation(JsonNode object, String name) {
    return object.path("metadata").path("annotations").path(name).asString("");
  }
}
