package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileTreesTest {
  private static final int FILES = 50;

  @TempDir private Path root;

  @Test
  void whatAnotherPodRemovesMeanwhileNeedsNoGroup() throws Exception {
    long group = (Integer) Files.getAttribute(root, "unix:gid");
    for (int round = 0; round < 100; round++) {
      for (int file = 0; file < FILES; file++) {
        Files.createFile(root.resolve("f" + file));
      }
      Thread pod = Thread.ofVirtual().start(this::clear);
      FileTrees.giveToGroup(root, group, false);
      pod.join();
    }
    assertThat((Integer) Files.getAttribute(root, "unix:mode") & 02070).isEqualTo(02070);
    assertThatThrownBy(() -> FileTrees.giveToGroup(root.resolve("none"), group, false))
        .isInstanceOf(NoSuchFileException.class);
  }

  private void clear() {
    try {
      for (int file = FILES - 1; file >= 0; file--) {
        Files.deleteIfExists(root.resolve("f" + file));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
