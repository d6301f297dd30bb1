package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What a new object says of itself before anybody else does, as upstream shows it. */
class NewStatusTest {
  private static final ResourceRegistry REGISTRY =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apps/v1/deployments | {}",
        "apps/v1/replicasets | {'replicas':0}",
        "apps/v1/statefulsets | {'availableReplicas':0,'replicas':0}",
        "apps/v1/daemonsets | {'currentNumberScheduled':0,'desiredNumberScheduled':0,"
            + "'numberMisscheduled':0,'numberReady':0}",
        "/v1/replicationcontrollers | {'replicas':0}",
        "/v1/services | {'loadBalancer':{}}",
        "/v1/resourcequotas | {}",
        "/v1/namespaces | {'phase':'Active'}",
        "networking.k8s.io/v1/ingresses | {'loadBalancer':{}}",
        "batch/v1/jobs | {}",
        "batch/v1/cronjobs | {}",
        "policy/v1/poddisruptionbudgets | {'currentHealthy':0,'desiredHealthy':0,"
            + "'disruptionsAllowed':0,'expectedPods':0}",
        "autoscaling/v1/horizontalpodautoscalers | {'currentReplicas':0,'desiredReplicas':0}",
        "storage.k8s.io/v1/volumeattachments | {'attached':false}",
        "certificates.k8s.io/v1/certificatesigningrequests | {}",
        "/v1/configmaps | ",
      })
  void isEmptyAndYetThere(String path, String status) {
    String[] names = path.split("/", -1);
    ResourceType type = REGISTRY.find(names[0], names[1], names[2]).orElseThrow();
    ObjectNode object = (ObjectNode) Json.parse("{\"metadata\": {}, \"status\": {\"x\": 1}}");
    if (!type.hasStatus()) {
      object.remove("status");
    }
    type.strategy().prepareForCreate(object);
    assertThat(object.get("status"))
        .isEqualTo(status == null ? null : Json.parse(status.replace('\'', '"')));
  }
}
