package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class PodResizeTest {
  private static final PodResize RESIZE =
      new PodResize(BuiltinSchemas.load().kind("", "v1", "Pod"));
  private static final PodStrategy PODS =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));
  private static final String SMALL = "{'requests':{'cpu':'20m','memory':'35Mi'}}";

  private static ObjectNode pod(String... containers) {
    ObjectNode pod =
        Json.parseObject(
            ("{'metadata':{'name':'p','resourceVersion':'1'},'spec':{'containers':["
                    + String.join(",", containers)
                    + "]}}")
                .replace('\'', '"'));
    PODS.fillDefaults(pod);
    return pod;
  }

  private static String container(String name, String resources) {
    return "{'name':'" + name + "','image':'x:1','resources':" + resources + "}";
  }

  private static List<String> problems(ObjectNode object, ObjectNode old) {
    RESIZE.prepareForUpdate(object, old);
    return RESIZE.validateUpdate(object, old).stream().map(FieldError::message).toList();
  }

  @Test
  void requestsAndLimitsMayBeAddedAndNothingElseChanges() {
    ObjectNode old = pod(container("a", "{'requests':{'cpu':'20m'}}"), container("b", SMALL));
    ObjectNode wanted =
        pod(
            container("a", "{'requests':{'cpu':'25m','memory':'30Mi'},'limits':{'memory':'50Mi'}}"),
            container("b", SMALL));
    ((ObjectNode) wanted.path("spec").path("containers").get(1)).put("image", "y:1");
    assertThat(problems(wanted, old)).isEmpty();
    assertThat(wanted.at("/spec/containers/0/resources/limits/memory").asString(""))
        .isEqualTo("50Mi");
    assertThat(wanted.at("/spec/containers/1/image").asString("")).isEqualTo("x:1");
  }

  @Test
  void whatWasGivenIsNotTakenAway() {
    ObjectNode old = pod(container("a", SMALL), container("b", SMALL));
    assertThat(
            problems(pod(container("a", "{'requests':{'cpu':'20m'}}"), container("b", SMALL)), old))
        .containsExactly(
            "spec.containers[0].resources.requests: Forbidden: resource requests cannot be"
                + " removed");
    ObjectNode limited = pod(container("a", "{'requests':{'cpu':'20m'},'limits':{'cpu':'30m'}}"));
    assertThat(problems(pod(container("a", "{'requests':{'cpu':'20m'}}")), limited))
        .containsExactly(
            "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed");
  }

  @Test
  void containersKeepTheirNamesAndTheirOrder() {
    ObjectNode old = pod(container("a", SMALL), container("b", SMALL));
    assertThat(problems(pod(container("b", SMALL), container("a", SMALL)), old))
        .containsExactly(
            "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on"
                + " resize",
            "spec.containers[1].name: Forbidden: containers may not be renamed or reordered on"
                + " resize");
    assertThat(problems(pod(container("a", SMALL)), old))
        .containsExactly(
            "spec.containers: Forbidden: containers may not be added or removed on resize");
  }

  @Test
  void theClassStaysAndSoDoAllOtherResources() {
    assertThat(problems(pod(container("a", SMALL)), pod(container("a", "{}"))))
        .containsExactly(
            "spec: Invalid value: \"BestEffort\": Pod QOS Class may not change as a result of"
                + " resizing");
    assertThat(
            problems(
                pod(container("a", "{'requests':{'cpu':'1m','ephemeral-storage':'3'}}")),
                pod(container("a", "{'requests':{'cpu':'1m','ephemeral-storage':'1'}}"))))
        .containsExactly(
            "spec.containers[0].resources.requests: Forbidden: only cpu and memory resources are"
                + " mutable");
  }

  @Test
  void aMirrorFollowsItsManifestAlone() {
    ObjectNode old = pod(container("a", SMALL));
    Json.ensureObject(Json.ensureObject(old, "metadata"), "annotations")
        .put("kubernetes.io/config.mirror", "x");
    assertThat(problems(pod(container("a", "{'requests':{'cpu':'2','memory':'1Gi'}}")), old))
        .containsExactly("metadata: Forbidden: static pods cannot be resized");
  }
}
