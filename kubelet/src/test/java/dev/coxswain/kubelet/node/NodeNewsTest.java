package dev.coxswain.kubelet.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NodeNewsTest {
  private static final Map<String, String> WELL =
      Map.of("MemoryPressure", "False", "DiskPressure", "False", "PIDPressure", "False");

  @Test
  void aNewNodeIsToldAndThatItIsReadyOnlyOnceItIs() {
    NodeStatus first = status("boot1", "False", WELL);
    assertThat(NodeNews.between("n1", new NodeStatus(), first))
        .containsExactly(
            is("NodeHasSufficientMemory"), is("NodeHasNoDiskPressure"), is("NodeHasSufficientPID"));
    NodeStatus ready = status("boot1", "True", WELL);
    assertThat(NodeNews.between("n1", first, ready)).containsExactly(is("NodeReady"));
    assertThat(NodeNews.between("n1", ready, ready)).isEmpty();
    assertThat(NodeNews.between("n1", ready, first)).containsExactly(is("NodeNotReady"));
  }

  @Test
  void shortagesAreTold() {
    NodeStatus well = status("boot1", "True", WELL);
    NodeStatus pressed =
        status(
            "boot1",
            "True",
            Map.of("MemoryPressure", "True", "DiskPressure", "True", "PIDPressure", "True"));
    assertThat(NodeNews.between("n1", well, pressed))
        .containsExactly(
            is("NodeHasInsufficientMemory"),
            is("NodeHasDiskPressure"),
            is("NodeHasInsufficientPID"));
  }

  @Test
  void aRebootIsAWarning() {
    NodeStatus lost = status("boot1", "Unknown", WELL);
    NodeStatus back = status("boot2", "True", WELL);
    assertThat(NodeNews.between("n1", lost, back))
        .containsExactly(
            new NodeNews.Item(true, "Rebooted", "Node n1 has been rebooted, boot id: boot2"),
            is("NodeReady"));
  }

  private static NodeNews.Item is(String status) {
    return new NodeNews.Item(false, status, "Node n1 status is now: " + status);
  }

  private static NodeStatus status(String boot, String ready, Map<String, String> pressures) {
    List<NodeCondition> conditions = new ArrayList<>();
    pressures.forEach((type, value) -> conditions.add(condition(type, value)));
    conditions.add(condition("Ready", ready));
    NodeStatus status = new NodeStatus();
    status.setConditions(conditions);
    NodeSystemInfo info = new NodeSystemInfo();
    info.setBootID(boot);
    status.setNodeInfo(info);
    return status;
  }

  private static NodeCondition condition(String type, String value) {
    NodeCondition condition = new NodeCondition();
    condition.setType(type);
    condition.setStatus(value);
    return condition;
  }
}
