package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReceptionsTest {
  private static final int LONG_ENOUGH = 21;

  @TempDir private Path directory;

  private Path reception(String name) throws IOException {
    Path chunks = Files.createDirectories(directory.resolve(name)).resolve("snapshot.1_2");
    Files.write(chunks, new byte[10]);
    return chunks;
  }

  @Test
  void whatGrowsIsLeftAndWhatBrokeOffIsRemoved() throws IOException {
    Path growing = reception("snapshot-a");
    Path broken = reception("snapshot-b");
    Receptions receptions = new Receptions(directory);
    for (int i = 0; i < LONG_ENOUGH; i++) {
      assertThat(broken).exists();
      Files.write(growing, new byte[20 + i]);
      receptions.look();
    }
    assertThat(broken.getParent()).doesNotExist();
    assertThat(growing).exists();
  }

  @Test
  void atAStartNoneIsUnderWay() throws IOException {
    Path left = reception("snapshot-a");
    new Receptions(directory).discard();
    assertThat(left.getParent()).doesNotExist();
    new Receptions(directory.resolve("missing")).discard();
  }
}
