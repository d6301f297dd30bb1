package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.member.MemberMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is no survivor must not become a new cluster, an empty one. */
final class SurvivorTest {
  private static final MemberMark MARK = new MemberMark(1, 2, new UUID(2, 3), true, false);

  @TempDir private Path directory;

  @Test
  void aDirectoryOfNobodyIsRefused() {
    assertThatThrownBy(() -> Survivor.read(directory))
        .hasMessage(directory + " is no member's data directory");
  }

  @Test
  void aMemberWithoutItsLogIsRefused() throws IOException {
    MARK.write(directory);
    assertThatThrownBy(() -> Survivor.read(directory))
        .hasMessage(directory + " has no log of its member");
  }

  @Test
  void aMemberWhoseLogIsEmptyIsAsFarAsNobody() throws IOException {
    MARK.write(directory);
    Files.createDirectories(directory.resolve("raft").resolve(MARK.group().toString()));
    Survivor survivor = Survivor.read(directory);
    assertThat(survivor.index()).isEqualTo(-1);
    assertThat(survivor.state().keyspace().revision()).isEqualTo(1);
  }
}
