package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end, as a person at a terminal would. */
final class Shell {
  private final Map<String, String> environment;

  Shell(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** What a program left behind. */
  record Outcome(List<String> command, int exitCode, String output, String errors) {
    /** Its standard output, if it succeeded. */
    String orFail() {
      if (exitCode != 0) {
        throw new AssertionError(told());
      }
      return output;
    }

    /** How it ended, in words. */
    String told() {
      return String.join(" ", command) + " exited with " + exitCode + "\n" + output + errors;
    }

    /** Both outputs, for a look at a message wherever it was printed. */
    String everything() {
      return output + errors;
    }
  }

  /** Runs the program with nothing on its standard input; kills it when the limit passes. */
  Outcome run(Duration limit, List<String> command) {
    return run(limit, command, "");
  }

  /** Runs the program with this standard input; kills it when the limit passes. */
  Outcome run(Duration limit, List<String> command, String input) {
    try {
      Path in = Files.createTempFile("coxswain-in", ".txt");
      Path out = Files.createTempFile("coxswain-out", ".txt");
      Path err = Files.createTempFile("coxswain-err", ".txt");
      try {
        Files.writeString(in, input);
        Process process = start(command, in, out, err);
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
          throw new AssertionError(
              String.join(" ", command)
                  + " was still running after "
                  + limit
                  + "\n"
                  + text(out)
                  + text(err));
        }
        return new Outcome(command, process.exitValue(), text(out), text(err));
      } finally {
        Files.deleteIfExists(in);
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while running " + command, interrupted);
    }
  }

  /** Starts a program that goes on in the background; the caller ends it. */
  Process start(List<String> command, Path in, Path out, Path err) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.directory(Repository.root().toFile());
    builder.redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
    return builder.start();
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
