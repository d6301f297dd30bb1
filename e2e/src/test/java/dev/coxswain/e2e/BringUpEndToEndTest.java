package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cox up} and {@code cox down}: cut off, repeated, grown, half dead; and what is left. */
final class BringUpEndToEndTest {
  @TempDir private Path folder;
  private Cluster cluster;

  @BeforeEach
  void findAPlace() {
    cluster = Cluster.at(folder.resolve("home"));
  }

  @AfterEach
  void takeDown() {
    cluster.close();
  }

  @Test
  void aClusterGrowsWhileItRunsAndLeavesNothing() throws IOException {
    up("--nodes", "1");
    Map<String, Long> first = pids();
    cluster.kubectl("create", "deployment", "hull", "--image=coxswain/demo:1", "--replicas=2");
    up("--nodes", "2");
    assertThat(cluster.nodes()).containsExactly("node-1", "node-2");
    up();
    assertThat(cluster.nodes()).as("up without a number keeps what there is").hasSize(2);
    assertThat(pids()).as("what ran goes on running").containsAllEntriesOf(first);
    cluster.kubectl("rollout", "status", "deployment/hull", Cluster.PATIENTLY);
    cluster.kubectl("wait", "--for=condition=Ready", "node", "node-1", "node-2", Cluster.PATIENTLY);

    Shell.Outcome shrunk = cluster.cox("up", "--nodes", "1");
    assertThat(shrunk.exitCode()).isNotZero();
    assertThat(shrunk.errors()).contains("2 nodes").contains("shrink");

    Traces traces = traces();
    cluster.cox("down").orFail();
    assertThat(traces.left()).isEmpty();
    assertThat(cluster.home()).isDirectoryNotContaining(file -> !file.endsWith("lock"));
    assertThat(cluster.cox("down").orFail()).contains("No cluster was running");
  }

  @Test
  void aHalfDeadClusterLeavesNothing() throws IOException {
    up();
    Traces traces = traces();
    for (String process : List.of("containerd", "apiserver")) {
      cluster.cox("kill", process).orFail();
    }
    Files.delete(cluster.home().resolve("state.json"));
    cluster.cox("down").orFail();
    assertThat(traces.left()).isEmpty();
  }

  /** Each step that is announced is a place to be cut off at. */
  @Test
  void anInterruptedBringUpIsRunAgain() throws Exception {
    for (String step : List.of("cluster", "machines", "processes started")) {
      interruptedAfter(step);
      up();
      Traces traces = traces();
      cluster.kubectl("wait", "--for=condition=Ready", "node", "node-1", Cluster.PATIENTLY);
      cluster.cox("down").orFail();
      assertThat(traces.left()).as("cut off after " + step).isEmpty();
    }
  }

  private void interruptedAfter(String step) throws Exception {
    Path output = folder.resolve("output");
    Files.deleteIfExists(output);
    Process interrupted =
        cluster
            .shell()
            .start(
                List.of(Repository.root().resolve("cox").toString(), "up", "--api-port", "0"),
                Path.of("/dev/null"),
                output,
                folder.resolve("errors"));
    try {
      Cluster.eventually(
          "up reaches: " + step, () -> read(output).contains(step) || !interrupted.isAlive());
    } finally {
      interrupted.destroy();
      assertThat(interrupted.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(read(folder.resolve("errors"))).contains("interrupted; cox up goes on from here");
  }

  private void up(String... flags) {
    List<String> command = new java.util.ArrayList<>(List.of("up"));
    if (!Files.exists(cluster.home().resolve("state.json"))) {
      command.addAll(List.of("--api-port", "0"));
    }
    command.addAll(List.of(flags));
    cluster.cox(command.toArray(String[]::new)).orFail();
  }

  private Map<String, Long> pids() {
    return Cluster.stream(cluster.status().path("processes"))
        .collect(
            Collectors.toMap(
                process -> process.path("name").asString(),
                process -> process.path("pid").asLong()));
  }

  private Traces traces() throws IOException {
    Traces traces = Traces.of(cluster, Files.readString(cluster.home().resolve("state.json")));
    assertThat(traces.namespaceCount()).isGreaterThan(3);
    assertThat(traces.left()).as("a cluster that is up is seen").hasSizeGreaterThan(10);
    return traces;
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException unreadable) {
      throw new java.io.UncheckedIOException(unreadable);
    }
  }
}
