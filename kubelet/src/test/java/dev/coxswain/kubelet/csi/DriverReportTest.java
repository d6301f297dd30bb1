package dev.coxswain.kubelet.csi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeBuilder;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DriverReportTest {
  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(0));
  private final Drivers drivers = new Drivers();
  private final Node node =
      new NodeBuilder().withNewMetadata().withName("n1").withUid("u1").endMetadata().build();
  private final DriverReport report =
      new DriverReport("n1", drivers, () -> Optional.of(node), api, time, Randomness.seeded(0));

  @AfterEach
  void close() {
    drivers.close();
  }

  @Test
  void aDriverThatIsYetToRegisterAgainIsStillTold() throws InterruptedException {
    api.seed(
        CSINode.class,
        new CSINodeBuilder()
            .withNewMetadata()
            .withName("n1")
            .endMetadata()
            .withNewSpec()
            .addNewDriver()
            .withName("disks.example.com")
            .withNodeID("n1")
            .endDriver()
            .endSpec()
            .build());
    report.report();
    assertThat(told()).containsExactly("disks.example.com");

    Driver files = driver("files.example.com");
    drivers.put(files);
    drivers.remove(files);
    report.report();
    assertThat(told()).as("one that came and went").containsExactly("disks.example.com");

    Driver disks = driver("disks.example.com");
    drivers.put(disks);
    drivers.remove(disks);
    report.report();
    assertThat(told()).as("it is gone now").isEmpty();
  }

  private List<String> told() {
    return api
        .resource(CSINode.class)
        .find(ObjectKey.cluster("n1"))
        .orElseThrow()
        .getSpec()
        .getDrivers()
        .stream()
        .map(CSINodeDriver::getName)
        .toList();
  }

  private static Driver driver(String name) {
    return new Driver(name, "n1", 0, Map.of(), Set.of(), new NodePlugin("/nowhere/driver.sock"));
  }
}
