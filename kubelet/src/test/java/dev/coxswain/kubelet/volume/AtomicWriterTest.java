package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicWriterTest {
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant SECOND = FIRST.plusSeconds(60);

  @TempDir private Path volume;
  private AtomicWriter writer;

  @BeforeEach
  void open() {
    writer = new AtomicWriter(volume);
  }

  @Test
  void filesAreReadThroughOneLinkWithTheirModes() throws IOException {
    assertThat(write(FIRST, "a", "one", "deep/er/b", "two")).isTrue();
    assertThat(Files.readString(volume.resolve("a"))).isEqualTo("one");
    assertThat(Files.readString(volume.resolve("deep/er/b"))).isEqualTo("two");
    assertThat(Files.readSymbolicLink(volume.resolve("a"))).isEqualTo(Path.of("..data/a"));
    assertThat(Files.readSymbolicLink(volume.resolve("deep"))).isEqualTo(Path.of("..data/deep"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(volume.resolve("a"))))
        .isEqualTo("rw-r-----");
  }

  @Test
  void anUpdateTurnsTheLinkAndLeavesNothingBehind() throws IOException {
    write(FIRST, "a", "one", "gone", "x");
    assertThat(write(SECOND, "a", "two", "new", "y")).isTrue();
    assertThat(Files.readString(volume.resolve("a"))).isEqualTo("two");
    assertThat(Files.readString(volume.resolve("new"))).isEqualTo("y");
    try (Stream<Path> entries = Files.list(volume)) {
      assertThat(entries.map(entry -> entry.getFileName().toString()))
          .containsExactlyInAnyOrder("a", "new", "..data", "..2026_01_01_00_01_00.000000000");
    }
  }

  @Test
  void theSameFilesAreNotWrittenAgain() throws IOException {
    write(FIRST, "a", "one");
    Path before = Files.readSymbolicLink(volume.resolve("..data"));
    assertThat(write(SECOND, "a", "one")).isFalse();
    assertThat(Files.readSymbolicLink(volume.resolve("..data"))).isEqualTo(before);
  }

  @Test
  void pathsThatClimbAreRefused() {
    for (String path : new String[] {"../a", "/a", "a/../../b", "..data", ""}) {
      assertThatExceptionOfType(IOException.class)
          .as(path)
          .isThrownBy(() -> write(FIRST, path, "x"));
    }
  }

  private boolean write(Instant now, String... pairs) throws IOException {
    Map<String, FileContent> files = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      files.put(pairs[i], FileContent.text(pairs[i + 1], 0640));
    }
    return writer.write(files, null, now);
  }
}
