package dev.coxswain.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.schema.Schema;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BuiltinSchemasTest {
  private final BuiltinSchemas schemas = BuiltinSchemas.load();

  private static Schema at(Schema schema, String... path) {
    Schema current = schema;
    for (String step : path) {
      current =
          Objects.requireNonNull(
              step.equals("[]") ? current.items() : current.property(step), () -> "no " + step);
    }
    return current;
  }

  @Test
  void knowsThePodsContainers() {
    Schema pod = schemas.kind("", "v1", "Pod");
    Schema containers = at(pod, "spec", "containers");
    assertThat(containers.type()).isEqualTo(Schema.Type.ARRAY);
    assertThat(containers.listType()).isEqualTo(Schema.ListType.MAP);
    assertThat(containers.listMapKeys()).containsExactly("name");
    assertThat(containers.patchMergeKey()).isEqualTo("name");
    assertThat(containers.patchMerges()).isTrue();
    assertThat(at(pod, "spec").required()).containsExactly("containers");
    assertThat(at(containers, "[]", "ports", "[]", "containerPort").format()).isEqualTo("int32");
    assertThat(at(containers, "[]", "livenessProbe", "httpGet", "port").type())
        .isEqualTo(Schema.Type.INT_OR_STRING);
    Schema limits = at(containers, "[]", "resources", "limits");
    assertThat(Objects.requireNonNull(limits.values()).type()).isEqualTo(Schema.Type.QUANTITY);
    assertThat(at(pod, "spec", "restartPolicy").enumValues())
        .containsExactly("Always", "Never", "OnFailure");
    assertThat(at(pod, "spec", "volumes").patchRetainsKeys()).isTrue();
    assertThat(at(pod, "spec").property("nonsense")).isNull();
    assertThat(at(pod, "spec", "restartPolicy").description()).contains("Restart policy");
  }

  @Test
  void knowsWhatThePublishedDocumentLacks() {
    Schema definition = schemas.kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    Schema schema = at(definition, "spec", "versions", "[]", "schema", "openAPIV3Schema");
    assertThat(schema.propertyNames()).contains("x-kubernetes-validations", "$ref", "items");
    assertThat(schemas.kind("apiregistration.k8s.io", "v1", "APIService").propertyNames())
        .contains("spec", "status");
    assertThat(at(schemas.kind("apps", "v1", "ControllerRevision"), "data").preservesUnknown())
        .isTrue();
  }

  @Test
  void leavesOutVersionsThatAreNotGenerallyAvailable() {
    // The metrics of nodes and pods have no other version, policies that change objects none in
    // 1.34.
    assertThat(schemas.names())
        .filteredOn(name -> !name.startsWith("io.k8s.metrics."))
        .filteredOn(name -> !name.startsWith("io.k8s.api.admissionregistration.v1beta1."))
        .noneMatch(name -> name.matches(".*\\.v[0-9]+(alpha|beta)[0-9]+\\..*"));
  }
}
