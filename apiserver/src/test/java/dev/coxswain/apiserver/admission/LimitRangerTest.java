package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class LimitRangerTest {
  private final Scene scene =
      new Scene()
          .with(
              "limitranges",
              "{'metadata':{'name':'l','namespace':'ns'},'spec':{'limits':["
                  + "{'type':'Container','default':{'cpu':'500m'},'defaultRequest':{'cpu':'100m'},"
                  + "'min':{'cpu':'50m'},'max':{'cpu':'1'},'maxLimitRequestRatio':{'cpu':'8'}},"
                  + "{'type':'Pod','max':{'cpu':'1500m'}}]}}");
  private final LimitRanger plugin = new LimitRanger(scene.objects());

  @Test
  void fillsInWhatIsMissing() {
    assertThat(admit("ns", "{'name':'a'}").path("spec").toString())
        .contains("\"limits\":{\"cpu\":\"500m\"}", "\"requests\":{\"cpu\":\"100m\"}");
    assertThat(admit("ns", "{'name':'a'}").at("/metadata/annotations").toString())
        .isEqualTo(
            "{\"kubernetes.io/limit-ranger\":\"LimitRanger plugin set: cpu request for container"
                + " a; cpu limit for container a\"}");
    ObjectNode other = admit("other", "{'name':'a'}");
    assertThat(other.path("spec").toString()).doesNotContain("resources");
    assertThat(other.path("metadata").has("annotations")).isFalse();
  }

  @Test
  void refusesWhatIsOutOfRange() {
    refused(
        "{'resources':{'limits':{'cpu':'60m'},'requests':{'cpu':'10m'}}}",
        "minimum cpu usage per Container is 50m, but request is 10m");
    refused(
        "{'resources':{'limits':{'cpu':'1200m'},'requests':{'cpu':'1'}}}",
        "maximum cpu usage per Container is 1, but limit is 1200m");
    refused(
        "{'resources':{'limits':{'cpu':'900m'},'requests':{'cpu':'100m'}}}",
        "cpu max limit to request ratio per Container is 8, but provided ratio is 9.000000");
    refused(
        "{'resources':{'limits':{'cpu':'800m'}}},{'resources':{'limits':{'cpu':'800m'}}}",
        "maximum cpu usage per Pod is 1500m, but limit is 1600m");
  }

  @Test
  void aSidecarIsAPartOfThePod() {
    ObjectNode pod = pod("ns", "{'resources':{'limits':{'cpu':'800m'},'requests':{'cpu':'800m'}}}");
    ObjectNode sidecar = pod.withObject("/spec").withArray("initContainers").addObject();
    sidecar.put("name", "s").put("restartPolicy", "Always");
    sidecar.withObject("/resources/limits").put("cpu", "800m");
    sidecar.withObject("/resources/requests").put("cpu", "800m");
    AdmissionRequest request =
        Scene.request(Operation.CREATE, "pods", "", pod, null, UserInfo.of("someone", List.of()));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.validate(request))
        .withMessageContaining("maximum cpu usage per Pod is 1500m, but limit is 1600m");
    sidecar.remove("restartPolicy");
    assertThatNoException()
        .as("who ends before the others begin")
        .isThrownBy(() -> plugin.validate(request));
  }

  @Test
  void whoAsksForOtherResourcesIsHeldToThemToo() {
    ObjectNode old = pod("ns", "{'resources':{'limits':{'cpu':'1'},'requests':{'cpu':'1'}}}");
    ObjectNode more = pod("ns", "{'resources':{'limits':{'cpu':'2'},'requests':{'cpu':'1'}}}");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.validate(update("resize", more, old)))
        .withMessageContaining("maximum cpu usage per Container is 1, but limit is 2");
    assertThatNoException().isThrownBy(() -> plugin.validate(update("", more, old)));
    old.withObject("/metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertThatNoException().isThrownBy(() -> plugin.validate(update("resize", more, old)));
  }

  private static AdmissionRequest update(String part, ObjectNode pod, ObjectNode old) {
    return Scene.request(
        Operation.UPDATE, "pods", part, pod, old, UserInfo.of("someone", List.of()));
  }

  private void refused(String containers, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> admit("ns", containers))
        .withMessage("pods \"p\" is forbidden: " + why);
  }

  private ObjectNode admit(String namespace, String containers) {
    ObjectNode pod = pod(namespace, containers);
    plugin.mutate(Scene.create("pods", pod));
    plugin.validate(Scene.create("pods", pod));
    return pod;
  }

  private static ObjectNode pod(String namespace, String containers) {
    return Scene.json(
        "{'metadata':{'name':'p','namespace':'"
            + namespace
            + "'},'spec':{'containers':["
            + containers
            + "]}}");
  }
}
