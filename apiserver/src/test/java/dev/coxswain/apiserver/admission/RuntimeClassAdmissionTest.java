package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.status.ApiException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class RuntimeClassAdmissionTest {
  private final RuntimeClassAdmission plugin =
      new RuntimeClassAdmission(
          new Scene()
              .with(
                  "runtimeclasses.node.k8s.io",
                  "{'metadata':{'name':'heavy'},'handler':'vm','overhead':{'podFixed':"
                      + "{'cpu':'10m'}},'scheduling':{'nodeSelector':{'vm':'yes'},"
                      + "'tolerations':[{'key':'vm','operator':'Exists'}]}}")
              .objects());

  @Test
  void aPodGetsWhatItsClassCosts() {
    ObjectNode pod = pod("'runtimeClassName':'heavy'");
    plugin.mutate(Scene.create("pods", pod));
    assertThat(pod.at("/spec/overhead/cpu").asString()).isEqualTo("10m");
    assertThat(pod.at("/spec/nodeSelector/vm").asString()).isEqualTo("yes");
    assertThat(pod.at("/spec/tolerations/0/key").asString()).isEqualTo("vm");
    plugin.mutate(Scene.create("pods", pod));
    assertThat(pod.at("/spec/tolerations")).hasSize(1);
  }

  @Test
  void aClassThatIsNotThereIsRefused() {
    refuses("'runtimeClassName':'none'", "pod rejected: RuntimeClass \"none\" not found");
  }

  @Test
  void whatContradictsTheClassIsRefused() {
    refuses(
        "'runtimeClassName':'heavy','overhead':{'cpu':'1'}",
        "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    refuses(
        "'runtimeClassName':'heavy','nodeSelector':{'vm':'no'}",
        "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes");
    refuses(
        "'overhead':{'cpu':'1'}",
        "Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }

  @Test
  void aPodWithoutAClassStaysAsItIs() {
    ObjectNode pod = pod("'hostNetwork':true");
    plugin.mutate(Scene.create("pods", pod));
    assertThat(pod).isEqualTo(pod("'hostNetwork':true"));
  }

  private void refuses(String spec, String why) {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.mutate(Scene.create("pods", pod(spec))))
        .withMessageContaining(why);
  }

  private static ObjectNode pod(String spec) {
    return Scene.json("{'metadata':{'name':'p'},'spec':{" + spec + "}}");
  }
}
