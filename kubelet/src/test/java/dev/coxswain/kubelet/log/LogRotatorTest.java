package dev.coxswain.kubelet.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogRotatorTest {
  @TempDir private Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final List<String> reopened = new ArrayList<>();

  @Test
  void aSmallLogStaysAsItIs() throws IOException {
    Path log = Files.writeString(folder.resolve("0.log"), "small");
    rotator(log, 3).rotateAll();
    assertThat(names()).containsExactly("0.log");
    assertThat(reopened).isEmpty();
  }

  @Test
  void aLargeLogIsMovedAsideAndOlderOnesAreCompressedAndDropped() throws IOException {
    Path log = folder.resolve("0.log");
    LogRotator rotator = rotator(log, 3);
    for (int round = 1; round <= 4; round++) {
      Files.writeString(log, "round " + round + " is long enough");
      rotator.rotateAll();
      now = now.plusSeconds(10);
    }
    assertThat(reopened).containsExactly("c1", "c1", "c1", "c1");
    assertThat(names())
        .containsExactly("0.log", "0.log.20260101-000020.gz", "0.log.20260101-000030");
    assertThat(Files.readString(folder.resolve("0.log.20260101-000030"))).startsWith("round 4");
    try (var in =
        new GZIPInputStream(Files.newInputStream(folder.resolve("0.log.20260101-000020.gz")))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).startsWith("round 3");
    }
  }

  @Test
  void whatTheRuntimeRefusesToReopenIsPutBack() throws IOException {
    Path log = Files.writeString(folder.resolve("0.log"), "long enough to be rotated");
    new LogRotator(
            new LogRotator.Limits(10, 3, Duration.ofSeconds(10)),
            () -> List.of(new LogRotator.Log("c1", log)),
            id -> {
              throw new IllegalStateException("no such container");
            },
            new FixedTime())
        .rotateAll();
    assertThat(names()).containsExactly("0.log");
  }

  @Test
  void whatACrashLeftHalfCompressedIsDone() throws IOException {
    Path log = Files.writeString(folder.resolve("0.log"), "long enough to be rotated");
    Files.writeString(folder.resolve("0.log.20250101-000000"), "old");
    Files.writeString(folder.resolve("0.log.20250101-000000.tmp"), "half");
    rotator(log, 5).rotateAll();
    assertThat(names())
        .containsExactly("0.log", "0.log.20250101-000000.gz", "0.log.20260101-000000");
  }

  private LogRotator rotator(Path log, int files) {
    return new LogRotator(
        new LogRotator.Limits(10, files, Duration.ofSeconds(10)),
        () -> List.of(new LogRotator.Log("c1", log)),
        id -> {
          reopened.add(id);
          try {
            Files.createFile(log);
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        },
        new FixedTime());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private final class FixedTime implements Time {
    @Override
    public Instant now() {
      return now;
    }

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public void sleep(Duration duration) {}

    @Override
    public Timer after(Duration delay, Runnable task) {
      return () -> {};
    }
  }
}
