package dev.coxswain.deploy.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Runs other programs, each with a deadline. */
public final class Shell {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Executor READERS = task -> Thread.ofVirtual().name("output").start(task);

  /** How a program ended; the outputs are decoded as UTF-8 and stripped. */
  public record Result(int exit, String out, String err) {
    public boolean succeeded() {
      return exit == 0;
    }
  }

  private Shell() {}

  /** Runs the command and returns how it ended, whatever that was. */
  public static Result run(List<String> command) {
    return run(command, DEADLINE);
  }

  public static Result run(List<String> command, Duration deadline) {
    try {
      Process process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), READERS);
      var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), READERS);
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new CoxException(
            "`"
                + String.join(" ", command)
                + "` did not end within "
                + deadline.toSeconds()
                + " s");
      }
      return new Result(process.exitValue(), out.join().strip(), err.join().strip());
    } catch (IOException missing) {
      throw new CoxException(
          "cannot run `" + command.getFirst() + "`: " + missing.getMessage(), missing);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CoxException("interrupted while running `" + command.getFirst() + "`", interrupted);
    }
  }

  /**
   * Runs the command and returns its output; a failure becomes an error that quotes the command.
   */
  public static String must(String... command) {
    return must(List.of(command), DEADLINE);
  }

  public static String must(List<String> command, Duration deadline) {
    Result result = run(command, deadline);
    if (!result.succeeded()) {
      String said = result.err().isEmpty() ? result.out() : result.err();
      throw new CoxException(
          "`" + String.join(" ", command) + "` failed (exit " + result.exit() + "): " + said);
    }
    return result.out();
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException closed) {
      throw new UncheckedIOException(closed);
    }
  }
}
