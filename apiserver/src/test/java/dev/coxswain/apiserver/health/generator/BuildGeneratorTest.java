package dev.coxswain.apiserver.health.generator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildGeneratorTest {
  private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, content);
  }

  @Test
  void aBranchWithAFileOfItsOwn() throws IOException {
    write(".git/HEAD", "ref: refs/heads/main\n");
    write(".git/refs/heads/main", COMMIT + "\n");
    assertThat(BuildGenerator.commit(folder.resolve("apiserver"))).isEqualTo(COMMIT);
  }

  @Test
  void aPackedBranchSeenFromAFurtherWorkTree() throws IOException {
    write("main/.git/packed-refs", "# pack-refs\n" + COMMIT + " refs/heads/side\n");
    write("main/.git/worktrees/side/HEAD", "ref: refs/heads/side\n");
    write("main/.git/worktrees/side/commondir", "../..\n");
    write("side/.git", "gitdir: ../main/.git/worktrees/side\n");
    assertThat(BuildGenerator.commit(folder.resolve("side"))).isEqualTo(COMMIT);
  }

  @Test
  void aBareCommit() throws IOException {
    write(".git/HEAD", COMMIT + "\n");
    assertThat(BuildGenerator.commit(folder)).isEqualTo(COMMIT);
  }
}
