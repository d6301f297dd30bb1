package dev.coxswain.apiserver.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import org.junit.jupiter.api.Test;

class BuiltinKindsTest {
  private final ResourceRegistry registry =
      new ResourceRegistry(BuiltinKinds.all(BuiltinSchemas.load()));

  @Test
  void everyKindHasAShapeAndColumns() {
    assertThat(registry.all()).hasSizeGreaterThan(60);
    for (ResourceType type : registry.all()) {
      if (type.kind().group().equals("metrics.k8s.io")) {
        // Made when asked for: nobody sends one, and there is no shape to check it by.
        assertThat(type.stored()).isFalse();
        continue;
      }
      assertThat(type.schema().type()).as("%s", type).isEqualTo(Schema.Type.OBJECT);
      assertThat(type.columns()).as("%s", type).isNotEmpty();
    }
  }

  @Test
  void isFoundByPathAndByKind() {
    ResourceType deployment = registry.find("apps", "v1", "deployments").orElseThrow();
    assertThat(registry.find(new GroupVersionKind("apps", "v1", "Deployment")))
        .containsSame(deployment);
    assertThat(deployment.shortNames()).containsExactly("deploy");
    assertThat(deployment.hasStatus()).isTrue();
    assertThat(registry.find("apps", "v1beta1", "deployments")).isEmpty();
  }
}
