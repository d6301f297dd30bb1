package dev.coxswain.runtime.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableFileTest {
  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("file");
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file()));
  }

  @Test
  void isReplacedWholeAndLeavesNothingElse() throws IOException {
    DurableFile.writePublic(file(), "the first, which is longer\n");
    DurableFile.writePublic(file(), "ä\n");
    assertThat(file()).hasContent("ä\n");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void whoMayReadIsAsSaidNotAsItWas() throws IOException {
    DurableFile.writePublic(file(), "open");
    assertThat(mode()).isEqualTo("rw-r--r--");
    DurableFile.writeSecret(file(), "hush");
    assertThat(mode()).isEqualTo("rw-------");
  }

  @Test
  void whatACrashLeftHalfWrittenIsInNobodysWay() throws IOException {
    Path unfinished =
        Files.writeString(directory.resolve("file.new"), "half of it, for all to read");
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-rw-rw-"));
    DurableFile.writeSecret(file(), "whole");
    assertThat(file()).hasContent("whole");
    assertThat(mode()).isEqualTo("rw-------");
    assertThat(unfinished).doesNotExist();
  }

  @Test
  void whatCannotBeReplacedStaysAsItWasAndLeavesNoHalf() throws IOException {
    // Not even root can put a file in the place of a directory.
    Files.createDirectory(file());
    assertThatThrownBy(() -> DurableFile.writePublic(file(), "text"))
        .isInstanceOf(IOException.class);
    assertThat(file()).isDirectory();
    assertThat(directory.resolve("file.new")).doesNotExist();
  }

  @Test
  void isDeletedWithWhatACrashLeftOfAnotherOne() throws IOException {
    DurableFile.writePublic(file(), "whole");
    Files.writeString(directory.resolve("file.new"), "half");
    DurableFile.delete(file());
    DurableFile.delete(file());
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void itsDirectoryMustBeThere() {
    assertThatThrownBy(() -> DurableFile.writePublic(directory.resolve("no/file"), "text"))
        .isInstanceOf(NoSuchFileException.class);
  }
}
