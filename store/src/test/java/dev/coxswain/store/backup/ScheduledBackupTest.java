package dev.coxswain.store.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.LateTimers;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScheduledBackupTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private final List<Path> taken = new ArrayList<>();
  private long revision = 1;

  private ScheduledBackup backup(Time clock) throws IOException {
    return new ScheduledBackup(
        new LocalSnapshots(directory.resolve("snapshots")),
        file -> {
          taken.add(Files.write(file, new byte[512]));
          return revision;
        },
        () -> revision,
        clock,
        new ScheduledBackup.Policy(HOUR, 3));
  }

  @Test
  void oneIsTakenInEachHourInWhichSomethingWasWritten() throws IOException {
    ScheduledBackup backup = backup(time);
    backup.start();
    time.advance(HOUR.multipliedBy(3));
    assertThat(taken).hasSize(1);
    revision++;
    time.advance(HOUR);
    assertThat(taken).hasSize(2);
    backup.stop();
    revision++;
    time.advance(HOUR.multipliedBy(3));
    assertThat(taken).hasSize(2);
  }

  /** Its turn comes just as it is stopped: too late to be called off. */
  @Test
  void noneIsTakenAfterTheStop() throws IOException {
    LateTimers late = new LateTimers(time);
    ScheduledBackup backup = backup(late);
    backup.start();
    backup.stop();
    late.tasks().getFirst().run();
    assertThat(taken).isEmpty();
    assertThat(late.tasks()).as("no turn follows").hasSize(1);
  }
}
