package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ForwardingTime;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {
  @TempDir private Path folder;
  private Instant now = Instant.parse("2026-11-21T10:00:00Z");

  private LogFile open(long bytes, Duration age, int backups) throws IOException {
    return new LogFile(
        folder.resolve("audit.log"), new LogFile.Limits(bytes, age, backups), clock());
  }

  private Time clock() {
    return new ForwardingTime(new SystemTime()) {
      @Override
      public Instant now() {
        return now;
      }
    };
  }

  private static List<byte[]> lines(String... lines) {
    return Stream.of(lines).map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void linesAreAppendedAndOnlyTheOwnerReadsThem() throws IOException {
    try (LogFile log = open(1000, Duration.ZERO, 0)) {
      log.write(lines("one", "two"));
    }
    try (LogFile log = open(1000, Duration.ZERO, 0)) {
      log.write(lines("three"));
    }
    Path file = folder.resolve("audit.log");
    assertThat(Files.readAllLines(file)).containsExactly("one", "two", "three");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFileThatHasGrownIsSetAsideAndTheOldestAreDeleted() throws IOException {
    try (LogFile log = open(10, Duration.ZERO, 2)) {
      for (String line : List.of("aaaaaaa", "bbbbbbb", "ccccccc", "ddddddd")) {
        log.write(lines(line));
        now = now.plusSeconds(1);
      }
    }
    assertThat(files())
        .containsExactly(
            "audit-2026-11-21T10-00-02.000.log", "audit-2026-11-21T10-00-03.000.log", "audit.log");
    assertThat(folder.resolve("audit.log")).hasContent("ddddddd");
    assertThat(folder.resolve("audit-2026-11-21T10-00-02.000.log")).hasContent("bbbbbbb");
  }

  @Test
  void whatIsTooOldIsDeletedAndOtherFilesAreNot() throws IOException {
    Files.writeString(folder.resolve("audit-of-last-year.log"), "kept");
    try (LogFile log = open(10, Duration.ofDays(1), 0)) {
      for (String line : List.of("aaaaaaa", "bbbbbbb", "ccccccc")) {
        log.write(lines(line));
        now = now.plus(Duration.ofDays(2));
      }
    }
    assertThat(files())
        .containsExactly(
            "audit-2026-11-25T10-00-00.000.log", "audit-of-last-year.log", "audit.log");
  }
}
