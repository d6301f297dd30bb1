package dev.coxswain.kubelet.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class LogReaderTest {
  private static final LogQuery FOLLOW =
      new LogQuery(true, false, -1, -1, null, LogQuery.Streams.BOTH);

  /**
   * The file is turned over after the reader has looked at it and before it looks whether it was.
   */
  @Test
  @Timeout(30)
  void whatIsWrittenJustBeforeTheFileIsTurnedOverIsNotLost(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("0.log");
    append(file, "one");
    AtomicBoolean running = new AtomicBoolean(true);
    var out =
        new ByteArrayOutputStream() {
          private int flushed;

          @Override
          public void flush() throws IOException {
            if (++flushed == 2) {
              append(file, "two");
              Files.move(file, folder.resolve("0.log.20260101-000000"));
              append(file, "three");
              running.set(false);
            }
          }
        };
    new LogReader(file, FOLLOW, out, new SystemTime()).read(running::get);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\nthree\n");
  }

  /** The runtime leaves zeros out at the end; clients sort by these times as by text. */
  @Test
  void timesHaveAlwaysAsManyDigits(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("0.log");
    Files.writeString(
        file,
        """
        2026-01-01T00:00:00.123456789Z stdout F all
        2026-01-01T00:00:01.5Z stdout F one
        2026-01-01T00:00:02Z stdout F none
        2026-01-01T00:00:03.25-02:00 stdout F elsewhere
        """);
    var out = new ByteArrayOutputStream();
    LogQuery query = new LogQuery(false, true, -1, -1, null, LogQuery.Streams.BOTH);
    new LogReader(file, query, out, new ManualTime()).read(() -> false);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            2026-01-01T00:00:00.123456789Z all
            2026-01-01T00:00:01.500000000Z one
            2026-01-01T00:00:02.000000000Z none
            2026-01-01T00:00:03.250000000-02:00 elsewhere
            """);
  }

  @Test
  void aLogThatIsTurnedOverIsWaitedFor(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("0.log");
    ManualTime time = new ManualTime();
    assertThat(LogReader.awaitFile(file, time)).as("the container has not begun").isFalse();
    append(folder.resolve("0.log.20260101-000000"), "one");
    CompletableFuture<Boolean> found = new CompletableFuture<>();
    Thread asks = Thread.ofVirtual().start(() -> found.complete(found(file, time)));
    Awaitility.await().until(() -> time.waiting() == 1);
    append(file, "two");
    time.advance(Duration.ofSeconds(1));
    asks.join();
    assertThat(found).isCompletedWithValue(true);
  }

  private static boolean found(Path file, Time time) {
    try {
      return LogReader.awaitFile(file, time);
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static void append(Path file, String line) throws IOException {
    Files.writeString(
        file,
        "2026-01-01T00:00:00.000000000Z stdout F " + line + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
