package dev.coxswain.store.storm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One member's process; the same member over all its lives. */
final class MemberProcess {
  private static final int END_SECONDS = 90;

  private final List<String> command;
  private final Path log;
  private @Nullable Process process;

  MemberProcess(List<String> prefix, List<String> arguments, Path log) {
    this.log = log;
    this.command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseG1GC",
            "-XX:ParallelGCThreads=2",
            "-XX:ConcGCThreads=1",
            "-XX:+UseCompactObjectHeaders",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            StoreMain.class.getName()));
    command.addAll(arguments);
  }

  /** Starts it, unless it runs. */
  void start() {
    if (alive()) {
      return;
    }
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean alive() {
    Process current = process;
    return current != null && current.isAlive();
  }

  /** Its process id in this life. */
  long pid() {
    Process current = process;
    if (current == null) {
      throw new IllegalStateException("it does not run");
    }
    return current.pid();
  }

  /** {@code kill -9}. */
  void kill() {
    Process current = process;
    if (current != null) {
      current.destroyForcibly();
      end(current);
    }
  }

  /** Asks it to stop, and waits until it has. */
  void stop() {
    Process current = process;
    if (current != null) {
      current.destroy();
      end(current);
    }
  }

  private static void end(Process process) {
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a member does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  void pause() {
    signal("STOP");
  }

  void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    Process current = process;
    if (current != null && current.isAlive()) {
      Shell.run("kill -" + name + " " + current.pid());
    }
  }
}
