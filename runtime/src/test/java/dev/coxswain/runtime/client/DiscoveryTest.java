package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DiscoveryTest {
  private static final Map<String, String> DOCUMENTS =
      Map.of(
          "/api/v1",
          """
          {"resources": [
            {"name": "pods", "kind": "Pod", "namespaced": true, "verbs": ["get", "list"]},
            {"name": "pods/log", "kind": "Pod", "namespaced": true, "verbs": ["get"]},
            {"name": "nodes", "kind": "Node", "namespaced": false, "verbs": ["get"]}]}
          """,
          "/apis",
          """
          {"groups": [{"name": "batch", "preferredVersion": {"groupVersion": "batch/v1"},
            "versions": [{"groupVersion": "batch/v1beta1"}, {"groupVersion": "batch/v1"}]}]}
          """,
          "/apis/batch/v1",
          """
          {"resources": [{"name": "jobs", "kind": "Job", "namespaced": true, "verbs": []}]}
          """,
          "/apis/batch/v1beta1",
          """
          {"resources": [
            {"name": "jobs", "kind": "Job", "namespaced": true, "verbs": []},
            {"name": "cronjobs", "kind": "CronJob", "namespaced": true, "verbs": []}]}
          """);

  @Test
  void tellsEveryResourceOnceInThePreferredVersionThatHasIt() {
    Discovered discovered = Discovery.read(path -> Json.parse(DOCUMENTS.getOrDefault(path, "{}")));
    List<ServedResource> served = discovered.resources();
    assertThat(discovered.complete()).isTrue();
    assertThat(discovered.problem()).isEmpty();
    assertThat(served)
        .extracting(resource -> resource.apiVersion() + " " + resource.resource())
        .containsExactly(
            "v1 pods", "v1 nodes", "batch/v1 jobs.batch", "batch/v1beta1 cronjobs.batch");
    assertThat(served.getFirst().resource()).isEqualTo(new GroupResource("", "pods"));
    assertThat(served.getFirst().supports("list", "get")).isTrue();
    assertThat(served.getFirst().supports("watch")).isFalse();
    assertThat(served.get(1).namespaced()).isFalse();
  }

  @Test
  void whatOneServerDoesNotTellHidesNothingElse() {
    Discovered discovered =
        Discovery.read(path -> {
          if (path.equals("/apis/batch/v1")) {
            throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "it is away");
          }
          return Json.parse(DOCUMENTS.getOrDefault(path, "{}"));
        });
    assertThat(discovered.resources())
        .extracting(resource -> resource.apiVersion() + " " + resource.resource())
        .containsExactly(
            "v1 pods", "v1 nodes", "batch/v1beta1 jobs.batch", "batch/v1beta1 cronjobs.batch");
    assertThat(discovered.complete()).isFalse();
    assertThat(discovered.lacks("batch")).isTrue();
    assertThat(discovered.lacks("bat")).isFalse();
    assertThat(discovered.problem())
        .isEqualTo("unable to retrieve the complete list of server APIs: batch/v1: it is away");
  }

  @Test
  void withoutTheListOfGroupsNothingIsTold() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() ->
            Discovery.read(path -> {
              throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, path);
            }))
        .withMessage("/api/v1");
  }
}
