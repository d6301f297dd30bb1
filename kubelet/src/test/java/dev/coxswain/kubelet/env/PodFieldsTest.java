package dev.coxswain.kubelet.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PodFieldsTest {
  private static final Pod POD =
      new PodBuilder()
          .withNewMetadata()
          .withName("web")
          .withNamespace("shop")
          .withUid("u1")
          .addToLabels(Map.of("b", "2", "a", "say \"1\""))
          .addToAnnotations("example.com/line", "one\ntwo")
          .endMetadata()
          .withNewSpec()
          .withNodeName("n1")
          .addNewContainer()
          .withName("main")
          .withNewResources()
          .addToRequests("cpu", new Quantity("250m"))
          .addToLimits("memory", new Quantity("64Mi"))
          .endResources()
          .endContainer()
          .endSpec()
          .build();
  private static final Container MAIN = POD.getSpec().getContainers().getFirst();

  private final PodFields fields =
      new PodFields(
          POD,
          "10.0.0.1",
          List.of("10.244.1.2", "fd00::2"),
          Map.of("cpu", new Quantity("3900m"), "memory", new Quantity("1Gi")));

  @Test
  void tellsWhatThePodIs() throws ConfigException {
    assertThat(fields.field("metadata.name")).isEqualTo("web");
    assertThat(fields.field("spec.nodeName")).isEqualTo("n1");
    assertThat(fields.field("status.podIP")).isEqualTo("10.244.1.2");
    assertThat(fields.field("status.podIPs")).isEqualTo("10.244.1.2,fd00::2");
    assertThat(fields.field("status.hostIP")).isEqualTo("10.0.0.1");
  }

  @Test
  void labelsAreSortedLinesWithQuotedValues() throws ConfigException {
    assertThat(fields.field("metadata.labels")).isEqualTo("a=\"say \\\"1\\\"\"\nb=\"2\"");
    assertThat(fields.field("metadata.annotations")).isEqualTo("example.com/line=\"one\\ntwo\"");
  }

  @Test
  void aSubscriptPicksOneAndAMissingOneIsEmpty() throws ConfigException {
    assertThat(fields.field("metadata.labels['b']")).isEqualTo("2");
    assertThat(fields.field("metadata.annotations['example.com/line']")).isEqualTo("one\ntwo");
    assertThat(fields.field("metadata.labels['none']")).isEmpty();
  }

  @Test
  void anUnknownFieldIsRefused() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> fields.field("status.phase"))
        .withMessage("unsupported fieldPath: status.phase");
  }

  @Test
  void resourcesAreDividedAndRoundedUp() throws ConfigException {
    assertThat(resource("requests.cpu", null)).isEqualTo("1");
    assertThat(resource("requests.cpu", "1m")).isEqualTo("250");
    assertThat(resource("limits.memory", "1Mi")).isEqualTo("64");
    assertThat(resource("requests.memory", null)).isEqualTo("0");
  }

  @Test
  void aMissingLimitIsWhatTheNodeCanGive() throws ConfigException {
    assertThat(resource("limits.cpu", null)).isEqualTo("4");
    assertThat(resource("limits.cpu", "1m")).isEqualTo("3900");
  }

  private String resource(String name, @org.jspecify.annotations.Nullable String divisor)
      throws ConfigException {
    ResourceFieldSelector selector = new ResourceFieldSelector();
    selector.setResource(name);
    if (divisor != null) {
      selector.setDivisor(new Quantity(divisor));
    }
    return fields.resource(selector, MAIN);
  }
}
