package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NFSVolumeSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NfsMountsTest {
  private static final Path TARGET = Path.of("/var/lib/kubelet/pods/u1/volumes/v");

  @Test
  void theExportIsMountedAsItIs() {
    assertThat(NfsMounts.arguments(source("files", null), List.of(), false, TARGET))
        .containsExactly("-t", "nfs", "--", "files:/exports/a", TARGET.toString());
  }

  @Test
  void optionsAreThoseOfTheVolumeAndReadingAloneIsOneOfThem() {
    List<String> options = List.of("nfsvers=4.1", "hard");
    assertThat(NfsMounts.arguments(source("files", null), options, true, TARGET))
        .startsWith("-t", "nfs", "-o", "hard,nfsvers=4.1,ro", "--");
    assertThat(NfsMounts.arguments(source("files", true), List.of("ro"), false, TARGET))
        .startsWith("-t", "nfs", "-o", "ro", "--");
  }

  @Test
  void anAddressWithColonsStandsInBrackets() {
    assertThat(NfsMounts.arguments(source("fd00::5", null), List.of(), false, TARGET))
        .contains("[fd00::5]:/exports/a");
    assertThat(NfsMounts.arguments(source("[fd00::5]", null), List.of(), false, TARGET))
        .contains("[fd00::5]:/exports/a");
  }

  @Test
  void aServerThatLooksLikeAnOptionIsNone() {
    assertThat(NfsMounts.arguments(source("-oexec", null), List.of(), false, TARGET))
        .containsSubsequence("--", "-oexec:/exports/a");
  }

  @Test
  void aNodeWithoutTheHelperSaysWhatIsMissing(@TempDir Path folder) {
    NfsMounts without = new NfsMounts(new MountTable(), List.of(folder.resolve("mount.nfs")));
    Path target = folder.resolve("v");
    assertThatThrownBy(() -> without.mount(source("files", null), List.of(), false, target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no mount.nfs")
        .hasMessageContaining("files:/exports/a");
    assertThat(target).doesNotExist();
  }

  private static NFSVolumeSource source(String server, @Nullable Boolean readOnly) {
    return new NFSVolumeSource("/exports/a", readOnly, server);
  }
}
