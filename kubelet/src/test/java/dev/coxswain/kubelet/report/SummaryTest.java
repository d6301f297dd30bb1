package dev.coxswain.kubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.kubelet.pressure.Reading;
import dev.coxswain.kubelet.pressure.Signal;
import dev.coxswain.kubelet.usage.ClaimUse;
import dev.coxswain.kubelet.usage.ContainerUse;
import dev.coxswain.kubelet.usage.InterfaceUse;
import dev.coxswain.kubelet.usage.InterfaceUse.Direction;
import dev.coxswain.kubelet.usage.PodUse;
import dev.coxswain.kubelet.usage.TreeSize;
import dev.coxswain.kubelet.usage.VolumeFigures;
import dev.coxswain.proto.cri.ContainerAttributes;
import dev.coxswain.proto.cri.ContainerStats;
import dev.coxswain.proto.cri.CpuUsage;
import dev.coxswain.proto.cri.UInt64Value;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class SummaryTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void aRateIsToldFromTheSecondLookOn() {
    CpuRates rates = new CpuRates();
    JsonNode first = summary(rates, 0, 1_000_000_000L, false);
    assertThat(first.at("/node/cpu/usageCoreNanoSeconds").asLong()).isEqualTo(1_000_000_000L);
    assertThat(first.at("/node/cpu/usageNanoCores").isMissingNode()).isTrue();
    JsonNode second = summary(rates, 2_000_000_000L, 2_000_000_000L, false);
    assertThat(second.at("/node/cpu/usageNanoCores").asLong()).isEqualTo(500_000_000L);
  }

  @Test
  void podsContainersAndVolumesAreTold() {
    JsonNode summary = summary(new CpuRates(), 0, 0, false);
    JsonNode pod = summary.at("/pods/0");
    assertThat(pod.at("/podRef/name").asString()).isEqualTo("web");
    assertThat(pod.at("/containers/0/cpu/usageCoreNanoSeconds").asLong()).isEqualTo(77);
    assertThat(pod.at("/containers/0/logs/usedBytes").asLong()).isEqualTo(10);
    assertThat(pod.at("/volume/0/name").asString()).isEqualTo("data");
    assertThat(pod.at("/volume/0/usedBytes").asLong()).isEqualTo(5);
    assertThat(pod.at("/volume/1/name").asString()).isEqualTo("deep");
    assertThat(pod.at("/volume/1/availableBytes").asLong()).isEqualTo(7);
    assertThat(pod.at("/volume/1/inodesUsed").asLong()).isEqualTo(4);
    assertThat(pod.at("/volume/1/pvcRef/name").asString()).isEqualTo("hold");
    assertThat(pod.at("/volume/1/pvcRef/namespace").asString()).isEqualTo("shop");
    assertThat(pod.at("/network/name").asString()).isEqualTo("eth0");
    assertThat(pod.at("/network/rxBytes").asLong()).isEqualTo(1);
    assertThat(pod.at("/network/interfaces/0/txErrors").asLong()).isEqualTo(4);
    assertThat(pod.at("/ephemeral-storage/usedBytes").asLong()).isEqualTo(15);
    assertThat(summary.at("/node/fs/availableBytes").asLong()).isEqualTo(40);
    assertThat(summary.at("/node/memory/workingSetBytes").asLong()).isEqualTo(70);
  }

  @Test
  void onlyCpuAndMemoryIsOnlyThat() {
    JsonNode summary = summary(new CpuRates(), 0, 0, true);
    assertThat(summary.at("/node/fs").isMissingNode()).isTrue();
    assertThat(summary.at("/pods/0/volume").isMissingNode()).isTrue();
    assertThat(summary.at("/pods/0/containers/0/cpu").isMissingNode()).isFalse();
  }

  private static JsonNode summary(CpuRates rates, long nanos, long used, boolean only) {
    ContainerStats stats =
        ContainerStats.newBuilder()
            .setAttributes(ContainerAttributes.newBuilder().setId("c1"))
            .setCpu(
                CpuUsage.newBuilder()
                    .setUsageCoreNanoSeconds(UInt64Value.newBuilder().setValue(77)))
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
                .endStatus()
                .build(),
            List.of(new ContainerUse("main", stats, new TreeSize(10, 1))),
            Map.of("data", new TreeSize(5, 2)),
            List.of(new ClaimUse("deep", "hold", new VolumeFigures(10, 7, 3, 20, 16, 4))),
            List.of(new InterfaceUse("eth0", new Direction(1, 5, 2, 6), new Direction(3, 7, 4, 8))),
            3);
    return Json.parse(
        new Summary(
                new Summary.Snapshot(
                    "n1",
                    AT,
                    nanos,
                    AT,
                    used,
                    Map.of(
                        Signal.NODEFS_AVAILABLE, new Reading(40, 100),
                        Signal.MEMORY_AVAILABLE, new Reading(30, 100)),
                    List.of(pod),
                    Map.of("c1", AT)),
                rates,
                only)
            .write());
  }
}
