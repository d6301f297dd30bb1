package dev.coxswain.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReasonsTest {
  @TempDir private Path folder;

  @Test
  void aFileInTheWayIsToldApartFromNothing() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> MachineCheck.requireSpace(file))
        .isInstanceOf(CoxException.class)
        .hasMessageContaining("cannot use " + file)
        .hasMessageContaining("no directory")
        .hasMessageContaining("--home");
    assertThatThrownBy(() -> MachineCheck.requireSpace(Path.of("/proc/nowhere")))
        .hasMessageContaining("no such file or directory");
    assertThat(Reasons.of(new java.nio.file.AccessDeniedException("/secret")))
        .isEqualTo("/secret: permission denied");
    assertThat(Reasons.of(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
  }
}
