package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against another process, as locks are held between those. */
final class CommandLockTest {
  /** Only a failure takes that long. */
  private static final long LIMIT_SECONDS = 60;

  @TempDir private Path folder;
  private Path file;
  private Process other;

  /** Holds the lock that it is named until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      try (CommandLock lock = CommandLock.take(Path.of(arguments[0]))) {
        System.out.println("held");
        System.out.flush();
        System.in.transferTo(System.err);
        lock.keep();
      }
    }
  }

  @BeforeEach
  void anotherCommandHoldsIt() throws IOException {
    file = folder.resolve("not yet made/lock");
    other =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Holder.class.getName(),
                    file.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(other.inputReader().readLine()).isEqualTo("held");
  }

  @AfterEach
  void endTheOther() {
    other.destroyForcibly();
  }

  @Test
  void aClusterIsChangedByOneCommandAtATime() throws Exception {
    assertThatThrownBy(() -> CommandLock.take(file))
        .isInstanceOf(CoxException.class)
        .hasMessageContaining("another cox command");
    other.outputWriter().close();
    assertThat(other.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    try (CommandLock lock = CommandLock.take(file)) {
      lock.keep();
    }
  }

  @Test
  void aMachinesNetworksAreTakenOneClusterAfterTheOther() throws Exception {
    var waiting = new CompletableFuture<Void>();
    var taken =
        CompletableFuture.supplyAsync(() -> CommandLock.await(file, () -> waiting.complete(null)));
    waiting.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(taken).isNotDone();
    // Also when its holder is killed.
    other.destroyForcibly();
    taken.get(LIMIT_SECONDS, TimeUnit.SECONDS).close();
  }
}
