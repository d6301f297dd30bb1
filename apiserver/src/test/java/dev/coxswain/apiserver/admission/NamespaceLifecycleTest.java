package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionRequest.Operation;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class NamespaceLifecycleTest {
  private final Scene scene =
      new Scene()
          .with("namespaces", "{'metadata':{'name':'old'}}")
          .withFresh("namespaces", "{'metadata':{'name':'fresh'}}")
          .with(
              "namespaces",
              "{'metadata':{'name':'going','deletionTimestamp':'2026-01-01T00:00:00Z'}}");
  private final NamespaceLifecycle plugin = new NamespaceLifecycle(scene.objects());

  @Test
  void takesWhatHasAPlaceEvenAVeryNewOne() {
    assertThatCode(() -> plugin.mutate(Scene.create("pods", pod("old"))))
        .doesNotThrowAnyException();
    assertThatCode(() -> plugin.mutate(Scene.create("pods", pod("fresh"))))
        .doesNotThrowAnyException();
    ObjectNode node = Scene.json("{'metadata':{'name':'n1'}}");
    assertThatCode(() -> plugin.mutate(Scene.create("nodes", node))).doesNotThrowAnyException();
  }

  @Test
  void refusesWhatHasNoPlace() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.mutate(Scene.create("pods", pod("none"))))
        .withMessage("namespaces \"none\" not found")
        .matches(e -> e.is(StatusReason.NOT_FOUND));
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.mutate(Scene.create("pods", pod("going"))))
        .withMessage(
            "pods \"p\" is forbidden: unable to create new content in namespace going because it"
                + " is being terminated")
        .satisfies(e ->
            assertThat(e.status().details().causes())
                .extracting("reason")
                .containsExactly("NamespaceTerminating"));
  }

  @Test
  void keepsTheSystemsNamespaces() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> plugin.mutate(deletion("kube-system")))
        .withMessage("namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
    assertThatCode(() -> plugin.mutate(deletion("old"))).doesNotThrowAnyException();
  }

  private static AdmissionRequest deletion(String name) {
    ObjectNode old = Scene.json("{'metadata':{'name':'" + name + "'}}");
    return Scene.request(
        Operation.DELETE, "namespaces", "", null, old, UserInfo.of("someone", List.of()));
  }

  private static ObjectNode pod(String namespace) {
    return Scene.json("{'metadata':{'name':'p','namespace':'" + namespace + "'}}");
  }
}
