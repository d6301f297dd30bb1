package dev.coxswain.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.runtime.program.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class KubeletConfigurationTest {
  /** JSON is YAML as well. */
  private static final String EVERY_FIELD =
      """
      {"apiVersion": "kubelet.config.k8s.io/v1beta1",
       "kind": "KubeletConfiguration",
       "clusterDNS": ["10.96.0.10"],
       "clusterDomain": "example.org",
       "resolvConf": "/etc/resolv.conf",
       "maxPods": 50,
       "podPidsLimit": 100,
       "allowedUnsafeSysctls": ["kernel.msg*"],
       "systemReserved": {"cpu": "100m"},
       "kubeReserved": {"memory": "1Gi"},
       "staticPodPath": "/etc/manifests",
       "crashLoopBackOff": {"maxContainerRestartPeriod": "20s"},
       "serializeImagePulls": false,
       "maxParallelImagePulls": 2,
       "containerLogMaxSize": "1Mi",
       "containerLogMaxFiles": 3,
       "containerLogMonitorInterval": "5s",
       "enableSystemLogHandler": false,
       "evictionHard": {"memory.available": "100Mi"},
       "evictionSoft": {"memory.available": "200Mi"},
       "evictionSoftGracePeriod": {"memory.available": "1m"},
       "evictionMinimumReclaim": {"memory.available": "10Mi"},
       "evictionPressureTransitionPeriod": "1m",
       "evictionMaxPodGracePeriod": 7,
       "imageGCHighThresholdPercent": 70,
       "imageGCLowThresholdPercent": 60,
       "imageMinimumGCAge": "3m",
       "mergeDefaultEvictionSettings": false,
       "shutdownGracePeriod": "30s",
       "shutdownGracePeriodCriticalPods": "10s",
       "shutdownGracePeriodByPodPriority": [{"priority": 5, "shutdownGracePeriodSeconds": 9}],
       "fenceAfter": "2m",
       "rotateCertificates": true,
       "serverTLSBootstrap": true}
      """;

  @TempDir private Path folder = Path.of("");

  @Test
  void aFileHasItsFieldsSideBySideAndIsShownAsItWasRead() throws IOException {
    JsonNode shown = Json.parse(Json.mapper().writeValueAsString(read(EVERY_FIELD)));
    assertThat(shown).isEqualTo(Json.parse(EVERY_FIELD));
  }

  @Test
  void fieldsThatNobodyKnowsAreRefusedByTheirNames() {
    assertThatThrownBy(() -> read("evictionHrd: {}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("unknown field \"evictionHrd\"");
    assertThatThrownBy(() -> read("eviction: {}"))
        .hasMessageEndingWith("unknown field \"eviction\"");
    assertThatThrownBy(() -> read("shutdownGracePeriodByPodPriority: [{priority: 1, grace: 2}]"))
        .hasMessageEndingWith("unknown field \"shutdownGracePeriodByPodPriority[0].grace\"");
    assertThatThrownBy(() -> read("evictionMaxPodGracePeriod: long"))
        .hasMessageContaining(": evictionMaxPodGracePeriod: ");
  }

  @Test
  void flagsWinOverTheFileAndTheFileOverDefaults() throws IOException {
    var options = new EvictionOptions();
    new CommandLine(
            CommandLine.Model.CommandSpec.wrapWithoutInspection(new Object())
                .addMixin("options", CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
        .parseArgs("--eviction-soft=memory.available<5Mi", "--image-gc-low-threshold=41");
    EvictionOptions.Fields all = options.inForce(read(EVERY_FIELD).eviction());
    assertThat(all.evictionSoft()).isEqualTo(Map.of("memory.available", "5Mi"));
    assertThat(all.imageGCLowThresholdPercent()).isEqualTo(41);
    assertThat(all.imageGCHighThresholdPercent()).isEqualTo(70);
    EvictionOptions.Fields none = options.inForce(KubeletConfiguration.NONE.eviction());
    assertThat(none.imageGCHighThresholdPercent()).isEqualTo(85);
    assertThat(none.evictionPressureTransitionPeriod()).isEqualTo("5m");
  }

  @Test
  void whoNamesSomeHardThresholdsHasNoOthersUnlessHeAsksForThem() throws IOException {
    assertThat(new EvictionOptions().inForce(KubeletConfiguration.NONE.eviction()).evictionHard())
        .containsOnlyKeys(
            "memory.available",
            "nodefs.available",
            "nodefs.inodesFree",
            "imagefs.available",
            "imagefs.inodesFree");
    String some = "evictionHard: {memory.available: 500Mi}\n";
    assertThat(new EvictionOptions().inForce(read(some).eviction()).evictionHard())
        .isEqualTo(Map.of("memory.available", "500Mi"));
    assertThat(
            new EvictionOptions()
                .inForce(read(some + "mergeDefaultEvictionSettings: true\n").eviction())
                .evictionHard())
        .containsEntry("memory.available", "500Mi")
        .containsEntry("nodefs.available", "10%")
        .hasSize(5);
  }

  @Test
  void aBackOffIsCappedBetweenASecondAndFiveMinutes() throws IOException {
    assertThat(CrashLoopBackOff.of(read(EVERY_FIELD).crashLoopBackOff()).longest())
        .isEqualTo(Duration.ofSeconds(20));
    CrashLoopBackOff unsaid = CrashLoopBackOff.of(KubeletConfiguration.NONE.crashLoopBackOff());
    assertThat(unsaid.longest()).isEqualTo(Duration.ofMinutes(5));
    assertThat(unsaid.inForce().maxContainerRestartPeriod()).isEqualTo("300s");
    for (String wrong : new String[] {"0s", "301s", "soon"}) {
      assertThatThrownBy(() -> new CrashLoopBackOff(wrong).longest())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("crashLoopBackOff.maxContainerRestartPeriod: ");
    }
  }

  @Test
  void pullsAreBoundedAsTheFileSays() {
    assertThat(parallel(null, null)).isEqualTo(5);
    assertThat(parallel(true, null)).isOne();
    assertThat(parallel(false, null)).isEqualTo(Integer.MAX_VALUE);
    assertThat(parallel(null, 3)).isEqualTo(3);
    assertThat(parallel(false, 3)).isEqualTo(3);
    assertThat(parallel(true, 1)).isOne();
    assertThatThrownBy(() -> parallel(true, 2)).hasMessageStartingWith("maxParallelImagePulls: ");
    assertThatThrownBy(() -> parallel(null, 0)).hasMessageStartingWith("maxParallelImagePulls: ");
    assertThat(new PullOptions().inForce(new PullOptions.Fields(null, 3)))
        .isEqualTo(new PullOptions.Fields(false, 3));
  }

  private static int parallel(@Nullable Boolean serialize, @Nullable Integer most) {
    return new PullOptions().parallel(new PullOptions.Fields(serialize, most));
  }

  @Test
  void logsAreLookedAtNoOftenerThanEveryThreeSeconds() throws IOException {
    assertThat(new LogOptions().limits(read(EVERY_FIELD).logs()).period())
        .isEqualTo(Duration.ofSeconds(5));
    assertThatThrownBy(
            () -> new LogOptions().limits(read("containerLogMonitorInterval: 2s").logs()))
        .hasMessage("containerLogMonitorInterval: 2s is too short: want at least 3s");
  }

  private KubeletConfiguration read(String text) throws IOException {
    return ConfigFile.read(
        Files.writeString(folder.resolve("kubelet.yaml"), text), KubeletConfiguration.class);
  }
}
