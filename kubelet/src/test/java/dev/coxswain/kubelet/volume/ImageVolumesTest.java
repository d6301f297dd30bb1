package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.cri.VersionResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageVolumesTest {
  @ParameterizedTest
  @CsvSource({
    "containerd, 1.6.20~ds1, false",
    "containerd, v1.7.24, false",
    "containerd, 2.0.5, false",
    "containerd, v2.1.4, false",
    "containerd, v2.2.0, true",
    "containerd, 2.10.0-rc.1, true",
    "containerd, v3.0.0, true",
    "containerd, unknown, false",
    "cri-o, 1.34.0, true"
  })
  void theRuntimeMountsImagesSinceItCan(String name, String version, boolean mounts) {
    VersionResponse response =
        VersionResponse.newBuilder().setRuntimeName(name).setRuntimeVersion(version).build();
    assertThat(ImageVolumes.mountsImages(response)).isEqualTo(mounts);
  }

  @Test
  void layersAreNamedFromTheirCommonFolder() {
    MountTable.Layers layers =
        MountTable.Layers.of(List.of("index=off", "lowerdir=/var/lib/s/12/fs:/var/lib/s/3/fs"));
    assertThat(layers.folder()).isEqualTo(Path.of("/var/lib/s"));
    assertThat(layers.options()).containsExactly("index=off", "lowerdir=12/fs:3/fs");
  }

  @Test
  void layersOfDifferentFoldersKeepTheirPaths() {
    List<String> options = List.of("lowerdir=/var/lib/s/12/fs:/var/lib/t/3/fs");
    assertThat(MountTable.Layers.of(options).options()).isEqualTo(options);
    assertThat(MountTable.Layers.of(List.of("ro", "rbind")).options())
        .containsExactly("ro", "rbind");
  }
}
