package dev.coxswain.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.program.HeldPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class SnapshotSaveTest {
  @TempDir private Path directory;

  @Test
  void whyAMemberCannotBeAskedIsSaid() throws IOException {
    StringWriter errors = new StringWriter();
    Path file = directory.resolve("saved.db");
    try (HeldPort nobody = new HeldPort()) {
      int code =
          new CommandLine(new SnapshotSave())
              .setErr(new PrintWriter(errors, true))
              .execute("--endpoints=http://127.0.0.1:" + nobody.number(), file.toString());
      assertThat(code).isEqualTo(1);
    }
    assertThat(errors.toString()).startsWith("Error: http://127.0.0.1:").contains("refused");
    assertThat(directory).isEmptyDirectory();
  }
}
