package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tolerations, priority, and the taint of a new node. */
class PodDefaultsAdmissionTest {
  private final Scene scene =
      new Scene()
          .with(
              "priorityclasses.scheduling.k8s.io",
              "{'metadata':{'name':'high'},'value':1000,'preemptionPolicy':'Never'}");

  @Test
  void aPodToleratesALostNodeForFiveMinutesUnlessItSaysOtherwise() {
    ObjectNode pod =
        Scene.json(
            "{'metadata':{'name':'p'},'spec':{'tolerations':[{'key':"
                + "'node.kubernetes.io/not-ready','operator':'Exists','tolerationSeconds':5}]}}");
    new DefaultTolerationSeconds().mutate(Scene.create("pods", pod));
    JsonNode tolerations = pod.path("spec").path("tolerations");
    assertThat(tolerations).hasSize(2);
    assertThat(Json.text(tolerations.get(1), "key")).isEqualTo("node.kubernetes.io/unreachable");
    assertThat(Json.text(tolerations.get(1), "effect")).isEqualTo("NoExecute");
    assertThat(Json.number(tolerations.get(1), 0, "tolerationSeconds")).isEqualTo(300);

    ObjectNode all =
        Scene.json("{'metadata':{'name':'p'},'spec':{'tolerations':[{'operator':'Exists'}]}}");
    new DefaultTolerationSeconds().mutate(Scene.create("pods", all));
    assertThat(all.path("spec").path("tolerations")).hasSize(1);
  }

  @Test
  void anUpdateThatReplacesTheTolerationsKeepsTheseTwo() {
    ObjectNode pod =
        Scene.json(
            "{'metadata':{'name':'p'},'spec':{'tolerations':[{'key':'foo','operator':'Exists'}]}}");
    AdmissionRequest update =
        Scene.request(
            AdmissionRequest.Operation.UPDATE,
            "pods",
            "",
            pod,
            pod.deepCopy(),
            UserInfo.of("someone", List.of()));
    new DefaultTolerationSeconds().mutate(update);
    assertThat(pod.path("spec").path("tolerations")).hasSize(3);
  }

  @Test
  void aPodGetsItsClasssPriority() {
    assertThat(priority("'priorityClassName':'high'").toString())
        .contains("\"priority\":1000", "\"preemptionPolicy\":\"Never\"");
    assertThat(priority("").toString())
        .contains("\"priority\":0", "\"preemptionPolicy\":\"PreemptLowerPriority\"");
    scene.with(
        "priorityclasses.scheduling.k8s.io",
        "{'metadata':{'name':'usual'},'value':7,'globalDefault':true}");
    assertThat(priority("").toString())
        .contains("\"priority\":7", "\"priorityClassName\":\"usual\"");
  }

  @Test
  void refusesAPriorityThatTheClassDoesNotGive() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> priority("'priorityClassName':'none'"))
        .withMessage("pods \"p\" is forbidden: no PriorityClass with name none was found");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> priority("'priority':5"))
        .withMessageContaining(
            "the integer value of priority (5) must not be provided in pod spec");
    scene.with(
        "priorityclasses.scheduling.k8s.io",
        "{'metadata':{'name':'usual'},'value':7,'globalDefault':true}");
    ObjectNode second = Scene.json("{'metadata':{'name':'second'},'globalDefault':true}");
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() ->
            new Priority(scene.objects())
                .validate(Scene.create("priorityclasses.scheduling.k8s.io", second)))
        .withMessageContaining("PriorityClass usual is already marked as default");
  }

  @Test
  void aNewNodeStartsTainted() {
    ObjectNode node = Scene.json("{'metadata':{'name':'n1'}}");
    var plugin = new NewNodeTaint();
    plugin.mutate(Scene.create("nodes", node));
    plugin.mutate(Scene.create("nodes", node));
    assertThat(node.path("spec").path("taints").toString())
        .isEqualTo("[{\"effect\":\"NoSchedule\",\"key\":\"node.kubernetes.io/not-ready\"}]");
  }

  @Test
  void aClaimGetsTheNewestDefaultClass() {
    for (int day = 1; day <= 2; day++) {
      scene.with(
          "storageclasses.storage.k8s.io",
          ("{'metadata':{'name':'class%d','creationTimestamp':'2026-01-0%dT00:00:00Z',"
                  + "'annotations':{'storageclass.kubernetes.io/is-default-class':'true'}}}")
              .formatted(day, day));
    }
    var plugin = DefaultClass.ofStorage(scene.objects());
    ObjectNode claim = Scene.json("{'metadata':{'name':'c'},'spec':{}}");
    plugin.mutate(Scene.create("persistentvolumeclaims", claim));
    assertThat(Json.text(claim, "spec", "storageClassName")).isEqualTo("class2");
    ObjectNode none = Scene.json("{'metadata':{'name':'c'},'spec':{'storageClassName':''}}");
    plugin.mutate(Scene.create("persistentvolumeclaims", none));
    assertThat(Json.text(none, "spec", "storageClassName")).isEmpty();
    ObjectNode old =
        Scene.json(
            "{'metadata':{'annotations':{'volume.beta.kubernetes.io/storage-class':'x'}},'spec':{}}");
    plugin.mutate(Scene.create("persistentvolumeclaims", old));
    assertThat(old.path("spec").has("storageClassName")).isFalse();
  }

  @Test
  void anIngressGetsTheNewestDefaultClass() {
    for (String name : new String[] {"b", "a", "c"}) {
      scene.with(
          "ingressclasses.networking.k8s.io",
          ("{'metadata':{'name':'%s','creationTimestamp':'2026-01-01T00:00:00Z',"
                  + "'annotations':{'ingressclass.kubernetes.io/is-default-class':'%s'}}}")
              .formatted(name, !name.equals("c")));
    }
    var plugin = DefaultClass.ofIngress(scene.objects());
    ObjectNode ingress = Scene.json("{'metadata':{'name':'i'}}");
    plugin.mutate(Scene.create("ingresses.networking.k8s.io", ingress));
    assertThat(Json.text(ingress, "spec", "ingressClassName")).isEqualTo("a");
    ObjectNode old =
        Scene.json("{'metadata':{'name':'i','annotations':{'kubernetes.io/ingress.class':'x'}}}");
    plugin.mutate(Scene.create("ingresses.networking.k8s.io", old));
    assertThat(old.has("spec")).isFalse();
  }

  @Test
  void storageIsProtectedFromItsBeginning() {
    var plugin = new StorageObjectInUseProtection();
    ObjectNode claim = Scene.json("{'metadata':{'name':'c','finalizers':['example.com/mine']}}");
    plugin.mutate(Scene.create("persistentvolumeclaims", claim));
    plugin.mutate(Scene.create("persistentvolumeclaims", claim));
    assertThat(claim.at("/metadata/finalizers").toString())
        .isEqualTo("[\"example.com/mine\",\"kubernetes.io/pvc-protection\"]");
    ObjectNode volume = Scene.json("{'metadata':{'name':'v'}}");
    plugin.mutate(Scene.create("persistentvolumes", volume));
    assertThat(volume.at("/metadata/finalizers/0").asString())
        .isEqualTo("kubernetes.io/pv-protection");
    ObjectNode pod = Scene.json("{'metadata':{'name':'p'}}");
    plugin.mutate(Scene.create("pods", pod));
    assertThat(pod.path("metadata").has("finalizers")).isFalse();
  }

  private ObjectNode priority(String spec) {
    ObjectNode pod = Scene.json("{'metadata':{'name':'p'},'spec':{" + spec + "}}");
    new Priority(scene.objects()).mutate(Scene.create("pods", pod));
    return pod;
  }
}
