package dev.coxswain.apiserver.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.time.Randomness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class ServiceAccountAdmissionTest {
  private final Scene scene =
      new Scene()
          .with("serviceaccounts", "{'metadata':{'name':'default','namespace':'ns'}}")
          .with(
              "serviceaccounts",
              "{'metadata':{'name':'quiet','namespace':'ns'},'automountServiceAccountToken':false,"
                  + "'imagePullSecrets':[{'name':'registry'}]}");
  private final ServiceAccountAdmission plugin =
      new ServiceAccountAdmission(scene.objects(), Randomness.seeded(1));

  @Test
  void givesADefaultAccountAndItsTokenToEveryContainer() {
    ObjectNode pod =
        admit("'containers':[{'name':'a'},{'name':'b'}],'initContainers':[{'name':'i'}]");

    JsonNode spec = pod.path("spec");
    assertThat(Json.text(spec, "serviceAccountName")).isEqualTo("default");
    JsonNode volume = spec.path("volumes").get(0);
    assertThat(Json.text(volume, "name")).matches("kube-api-access-[a-z0-9]{5}");
    assertThat(volume.path("projected").toString())
        .contains("\"expirationSeconds\":3607", "kube-root-ca.crt", "metadata.namespace")
        .contains("\"defaultMode\":420");
    for (JsonNode container :
        new JsonNode[] {
          spec.path("containers").get(0),
          spec.path("containers").get(1),
          spec.path("initContainers").get(0)
        }) {
      JsonNode mount = container.path("volumeMounts").get(0);
      assertThat(Json.text(mount, "name")).isEqualTo(Json.text(volume, "name"));
      assertThat(Json.text(mount, "mountPath"))
          .isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount");
      assertThat(Json.flag(mount, "readOnly")).isTrue();
    }
  }

  @Test
  void leavesAloneWhoMountsSomethingElseThereOrWantsNoToken() {
    ObjectNode own =
        admit(
            "'containers':[{'name':'a','volumeMounts':[{'name':'mine',"
                + "'mountPath':'/var/run/secrets/kubernetes.io/serviceaccount'}]}]");
    assertThat(own.path("spec").has("volumes")).isFalse();
    ObjectNode refusing = admit("'automountServiceAccountToken':false,'containers':[{'name':'a'}]");
    assertThat(refusing.path("spec").has("volumes")).isFalse();
    ObjectNode quiet = admit("'serviceAccountName':'quiet','containers':[{'name':'a'}]");
    assertThat(quiet.path("spec").has("volumes")).isFalse();
    assertThat(quiet.path("spec").path("imagePullSecrets").toString()).contains("registry");
    ObjectNode insisting =
        admit(
            "'serviceAccountName':'quiet','automountServiceAccountToken':true,"
                + "'containers':[{'name':'a'}]");
    assertThat(insisting.path("spec").path("volumes")).hasSize(1);
  }

  @Test
  void refusesAnAccountThatIsNotThere() {
    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> admit("'serviceAccountName':'none','containers':[]"))
        .withMessage(
            "pods \"p\" is forbidden: error looking up service account ns/none: serviceaccount"
                + " \"none\" not found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'volumes':[{'name':'v','secret':{'secretName':'own'}}],'containers':[] | ",
        "'volumes':[{'name':'v','secret':{'secretName':'x'}}],'containers':[] |"
            + " volume with secret.secretName=`x`",
        "'containers':[{'name':'c','env':[{'name':'E','valueFrom':{'secretKeyRef':{'name':'x'}}}]}]"
            + " | container c with envVar E referencing secret.secretName=`x`",
        "'initContainers':[{'name':'i','envFrom':[{'secretRef':{'name':'x'}}]}],'containers':[] |"
            + " init container i with envFrom referencing secret.secretName=`x`",
        "'imagePullSecrets':[{'name':'own'}],'containers':[] | imagePullSecrets[0].name=`own`",
      })
  void anAccountMayListTheSecretsOfItsPods(String spec, @Nullable String refused) {
    scene.with(
        "serviceaccounts",
        "{'metadata':{'name':'strict','namespace':'ns','annotations':"
            + "{'kubernetes.io/enforce-mountable-secrets':'true'}},'secrets':[{'name':'own'}]}");
    plugin.validate(Scene.create("pods", admit("'serviceAccountName':'default'," + spec)));
    AdmissionRequest strict = Scene.create("pods", admit("'serviceAccountName':'strict'," + spec));
    if (refused == null) {
      plugin.validate(strict);
    } else {
      assertThatExceptionOfType(ApiException.class)
          .isThrownBy(() -> plugin.validate(strict))
          .withMessageStartingWith("pods \"p\" is forbidden: " + refused.replace('`', '"'))
          .withMessageContaining(
              " is not allowed because service account strict does not reference that ");
    }
  }

  private ObjectNode admit(String spec) {
    ObjectNode pod = Scene.json("{'metadata':{'name':'p','namespace':'ns'},'spec':{" + spec + "}}");
    plugin.mutate(Scene.create("pods", pod));
    return pod;
  }
}
