package dev.coxswain.kubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.pressure.Reading;
import dev.coxswain.kubelet.pressure.Signal;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.InterfaceUse;
import dev.coxswain.kubelet.usage.InterfaceUse.Direction;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import dev.coxswain.proto.cri.ContainerAttributes;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.proto.cri.CpuUsage;
import dev.coxswain.proto.cri.UInt64Value;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NodeReportsTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void containersAreToldApartByTheirImages() {
    String text = NodeReports.containers(seen());
    assertThat(text.lines())
        .contains(
            "container_cpu_usage_seconds_total{id=\"/\"} 9.0",
            "container_cpu_usage_seconds_total{container=\"main\",namespace=\"shop\",pod=\"web\","
                + "id=\"c1\",image=\"shop/app:1\",name=\"c1\"} 2.0",
            "container_memory_working_set_bytes{id=\"/\"} 70",
            "container_start_time_seconds{container=\"main\",namespace=\"shop\",pod=\"web\","
                + "id=\"c1\",image=\"shop/app:1\",name=\"c1\"} 1767225600");
  }

  @Test
  void whatAPodSendsAndGetsIsCountedInBytesAndPackets() {
    String pod = "{interface=\"eth0\",namespace=\"shop\",pod=\"web\"} ";
    assertThat(NodeReports.containers(seen()).lines())
        .contains(
            "container_network_receive_bytes_total" + pod + 1,
            "container_network_receive_packets_total" + pod + 2,
            "container_network_receive_errors_total" + pod + 3,
            "container_network_receive_packets_dropped_total" + pod + 4,
            "container_network_transmit_bytes_total" + pod + 5,
            "container_network_transmit_packets_total" + pod + 6,
            "container_network_transmit_errors_total" + pod + 7,
            "container_network_transmit_packets_dropped_total" + pod + 8);
  }

  private static Summary.Snapshot seen() {
    ContainerStats stats =
        ContainerStats.newBuilder()
            .setAttributes(ContainerAttributes.newBuilder().setId("c1"))
            .setCpu(
                CpuUsage.newBuilder()
                    .setUsageCoreNanoSeconds(UInt64Value.newBuilder().setValue(2_000_000_000)))
            .build();
    PodUse pod =
        new PodUse(
            new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u1")
                .endMetadata()
                .withNewStatus()
                .addNewContainerStatus()
                .withName("main")
                .withImage("shop/app:1")
                .endContainerStatus()
                .endStatus()
                .build(),
            List.of(new ContainerUse("main", stats, TreeSize.NONE)),
            Map.of(),
            List.of(),
            List.of(new InterfaceUse("eth0", new Direction(1, 2, 3, 4), new Direction(5, 6, 7, 8))),
            3);
    return new Summary.Snapshot(
        "n1",
        AT,
        0,
        AT,
        9_000_000_000L,
        Map.of(Signal.MEMORY_AVAILABLE, new Reading(30, 100)),
        List.of(pod),
        Map.of("c1", AT));
  }
}
