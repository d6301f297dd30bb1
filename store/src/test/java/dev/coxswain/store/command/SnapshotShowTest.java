package dev.coxswain.store.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class SnapshotShowTest {
  @TempDir private Path directory;

  private static String refused(Path file) {
    StringWriter errors = new StringWriter();
    int code =
        new CommandLine(new SnapshotShow())
            .setErr(new PrintWriter(errors, true))
            .execute(file.toString());
    assertThat(code).isEqualTo(1);
    return errors.toString();
  }

  @Test
  void aFileThatIsNotThereIsSaidNotToBeThere() {
    Path file = directory.resolve("none.db");
    assertThat(refused(file)).isEqualTo("Error: %s: no such file or directory%n".formatted(file));
  }

  @Test
  void whatIsNoSnapshotIsSaidToBeNone() throws IOException {
    assertThat(refused(Files.createFile(directory.resolve("empty.db")))).contains("empty.db");
    Path text = Files.writeString(directory.resolve("text.db"), "text\n".repeat(4000));
    assertThat(refused(text)).contains("text.db");
    assertThat(refused(directory)).contains("directory");
  }
}
