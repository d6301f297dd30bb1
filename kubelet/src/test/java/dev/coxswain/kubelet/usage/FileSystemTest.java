package dev.coxswain.kubelet.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSystemTest {
  @TempDir private Path directory;

  @Test
  void itTellsWhatTheJdkTells() throws IOException {
    FileSystem found = FileSystem.of(directory);
    FileStore known = Files.getFileStore(directory);
    assertThat(found.capacity()).isEqualTo(known.getTotalSpace());
    assertThat(found.available()).isBetween(1L, known.getTotalSpace());
    assertThat(found.inodesFree()).isLessThanOrEqualTo(found.inodes());
  }

  @Test
  void aTreeIsItsFilesAndDirectories() throws IOException {
    Files.createDirectory(directory.resolve("below"));
    Files.write(directory.resolve("below/one"), new byte[1000]);
    Files.write(directory.resolve("two"), new byte[500]);
    Files.createSymbolicLink(directory.resolve("out"), Path.of("/"));
    TreeSize size = TreeSize.of(directory);
    assertThat(size.bytes()).isBetween(1500L, 1510L);
    assertThat(size.inodes()).isEqualTo(5);
    assertThat(TreeSize.of(directory.resolve("absent"))).isEqualTo(TreeSize.NONE);
  }
}
