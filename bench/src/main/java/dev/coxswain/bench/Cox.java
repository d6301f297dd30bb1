package dev.coxswain.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A cluster in a home of its own, driven as a user does: by {@code ./cox} and {@code kubectl}. */
public final class Cox {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIMIT = Duration.ofMinutes(10);

  private final Path home;

  /** A cluster below a new directory. */
  public Cox() throws IOException {
    home = Files.createTempDirectory("coxswain-bench");
  }

  /** What the cluster's administrator uses. */
  public Path kubeconfig() {
    return home.resolve("kubeconfig");
  }

  /** Runs {@code ./cox} with the arguments to its end; returns what it printed. */
  public String cox(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("./cox"));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  /** What {@code cox status --output json} says. */
  public JsonNode status() throws IOException, InterruptedException {
    return JSON.readTree(cox("status", "--output", "json"));
  }

  /**
   * Runs a command against the cluster to its end.
   *
   * @return what it printed
   * @throws IOException naming the command when it fails or outlasts ten minutes
   */
  public String run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("bench", ".out");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("COX_HOME", home.toString());
      builder.environment().put("KUBECONFIG", kubeconfig().toString());
      Process process =
          builder
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " was still running after " + LIMIT);
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", command)
                + " exited with "
                + process.exitValue()
                + "\n"
                + Files.readString(output));
      }
      return Files.readString(output);
    } finally {
      Files.delete(output);
    }
  }
}
