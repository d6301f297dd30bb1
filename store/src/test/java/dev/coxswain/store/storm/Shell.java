package dev.coxswain.store.storm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a script to its end. */
final class Shell {
  private static final int LIMIT_SECONDS = 90;

  private Shell() {}

  /** Runs it with {@code sh -e}; fails with what it printed if it fails. */
  static String run(String script) {
    try {
      Process process =
          new ProcessBuilder(List.of("sh", "-ec", script)).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("still running: " + script);
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(script + "\n" + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
