package dev.coxswain.kubelet.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    // In whole blocks, and a directory may have one as well.
    assertThat(size.bytes()).isBetween(1500L, 5 * 4096L);
    assertThat(size.inodes()).isEqualTo(5);
    assertThat(TreeSize.of(directory.resolve("absent"))).isEqualTo(TreeSize.NONE);
  }

  @Test
  void aFileCountsForWhatItTakesOfTheDiskAndOnce() throws IOException {
    long empty = TreeSize.of(directory).bytes();
    Path holes = directory.resolve("holes");
    try (FileChannel channel =
        FileChannel.open(holes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(100), 1L << 30);
    }
    assertThat(Files.size(holes)).isGreaterThan(1L << 30);
    assertThat(TreeSize.of(directory).bytes()).isBetween(100L, empty + 65_536);
    Path once = Files.write(directory.resolve("once"), new byte[1 << 20]);
    long before = TreeSize.of(directory).bytes();
    Files.createLink(directory.resolve("again"), once);
    TreeSize size = TreeSize.of(directory);
    assertThat(size.bytes()).isEqualTo(before).isGreaterThanOrEqualTo(1 << 20);
    assertThat(size.inodes()).isEqualTo(3);
  }
}
