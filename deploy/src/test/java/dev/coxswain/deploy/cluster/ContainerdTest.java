package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ContainerdTest {
  @Test
  void eachMajorVersionGetsTheConfigurationItReads() {
    assertThat(Containerd.configuration(1, true, "overlayfs"))
        .startsWith("version = 2\n")
        .contains(
            "sandbox_image = \"docker.io/coxswain/pause:1\"",
            "restrict_oom_score_adj = true",
            "snapshotter = \"overlayfs\"");
    assertThat(Containerd.configuration(2, false, "native"))
        .startsWith("version = 3\n")
        .contains(
            "sandbox = \"docker.io/coxswain/pause:1\"",
            "restrict_oom_score_adj = false",
            "snapshotter = \"native\"");
  }

  @Test
  void aNodesPodsGetAddressesOfItsOwnRange() {
    JsonNode network = JsonMapper.shared().readTree(Containerd.network("10.244.3.0/24"));
    JsonNode bridge = network.path("plugins").path(0);
    assertThat(bridge.path("ipam").path("ranges").path(0).path(0).path("subnet").asString())
        .isEqualTo("10.244.3.0/24");
    assertThat(bridge.path("ipMasq").asBoolean(true)).isFalse();
  }

  @Test
  void theNamesOfImportedImagesAreRead() {
    String said =
        """
        unpacking docker.io/coxswain/pause:1 (sha256:ac82)...done
        unpacking docker.io/coxswain/demo:1 (sha256:7a46)...done
        """;
    assertThat(Containerd.imported(said))
        .containsExactly("docker.io/coxswain/pause:1", "docker.io/coxswain/demo:1");
    String saidByVersion2 =
        """
        docker.io/coxswain/demo:1               \tsaved\t
        application/vnd.oci.image.manifest.v1+json sha256:7029597f83
        Importing\telapsed: 0.3 s\ttotal:   0.0 B\t(0.0 B/s)\t
        """;
    assertThat(Containerd.imported(saidByVersion2)).containsExactly("docker.io/coxswain/demo:1");
  }
}
