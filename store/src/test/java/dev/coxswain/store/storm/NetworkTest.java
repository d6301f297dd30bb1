package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storm that is killed leaves nothing behind. */
final class NetworkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  /** Sets a network up, with a disk and a process in it, and waits to be killed. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws IOException {
      Path disk = Path.of(arguments[0]);
      Network network = Network.up(disk);
      Shell.run("mount -t tmpfs -o size=1m storm " + disk);
      Process inside =
          new ProcessBuilder("ip", "netns", "exec", network.space(0), "sleep", "1000").start();
      System.out.println(network.space(0) + " " + inside.pid());
      int ignored = System.in.read();
    }
  }

  @Test
  void nothingIsLeftOfAProcessThatWasKilled() throws IOException {
    assertThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String[] told;
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
      told = String.valueOf(output.readLine()).split(" ", -1);
      assertThat(told).hasSize(2);
      assertThat(Shell.run("ip netns list")).contains(told[0]);
      victim.destroyForcibly();
    }
    String name = told[0].substring(0, told[0].indexOf('-'));
    long inside = Long.parseLong(told[1]);
    Awaitility.await("it is all gone")
        .atMost(PATIENCE)
        .until(() ->
            !Shell.run("ip netns list; ip link").contains(name + "-")
                && !Shell.run("mount").contains(directory.toString())
                && ProcessHandle.of(inside).isEmpty());
  }
}
