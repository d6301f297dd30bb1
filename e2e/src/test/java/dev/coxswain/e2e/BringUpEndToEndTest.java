package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
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

  /** Their names lead both to the same network first, and only one may have it. */
  @Test
  void twoClustersComeUpAtTheSameInstant() throws Exception {
    Cluster other = Cluster.at(homeOnTheSameNetwork());
    try {
      Process first = start(cluster, "one", "up", "--api-port", "0");
      Process second = start(other, "two", "up", "--api-port", "0");
      for (Process up : List.of(first, second)) {
        assertThat(up.waitFor(8, TimeUnit.MINUTES)).isTrue();
        assertThat(up.exitValue())
            .as(read(folder.resolve("one-errors")) + read(folder.resolve("two-errors")))
            .isZero();
      }
      assertThat(subnet(cluster)).isNotEqualTo(subnet(other));
      for (Cluster one : List.of(cluster, other)) {
        one.kubectl("wait", "--for=condition=Ready", "node", "node-1", Cluster.PATIENTLY);
      }
      Traces traces = traces();
      cluster.cox("down").orFail();
      assertThat(traces.left()).isEmpty();
      other.kubectl("wait", "--for=condition=Ready", "node", "node-1", Cluster.PATIENTLY);
    } finally {
      other.close();
    }
  }

  /** Where a cluster would first want the network that this one wants. */
  private Path homeOnTheSameNetwork() {
    int wanted = firstNetwork(cluster.home());
    return IntStream.iterate(0, next -> next + 1)
        .mapToObj(number -> folder.resolve("other-" + number))
        .filter(home -> firstNetwork(home) == wanted)
        .findFirst()
        .orElseThrow();
  }

  private static int firstNetwork(Path home) {
    var sum = new CRC32();
    sum.update(home.toString().getBytes(StandardCharsets.UTF_8));
    return (int) (sum.getValue() & 0xff);
  }

  private static String subnet(Cluster cluster) {
    return cluster.status().path("nodes").path(0).path("address").asString();
  }

  /** A port that was in use when the cluster was first asked for is not its port for ever. */
  @Test
  void theAdviceAboutAPortThatIsTakenHelps() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Shell.Outcome refused = cluster.cox("up", "--api-port", port);
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.errors()).contains(port).contains("0 finds a free one");
      up();
      cluster.cox("down", "--now", "--keep-data").orFail();
      String known =
          cluster.kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}");
      try (ServerSocket again =
          new ServerSocket(URI.create(known).getPort(), 1, InetAddress.getLoopbackAddress())) {
        assertThat(cluster.cox("up").errors()).contains(Integer.toString(again.getLocalPort()));
        cluster.cox("up", "--api-port", "0").orFail();
        assertThat(cluster.nodes()).containsExactly("node-1");
      }
    }
  }

  private Process start(Cluster where, String name, String... arguments) throws IOException {
    List<String> command = new java.util.ArrayList<>();
    command.add(Repository.root().resolve("cox").toString());
    command.addAll(List.of(arguments));
    return where
        .shell()
        .start(
            command,
            Path.of("/dev/null"),
            folder.resolve(name + "-output"),
            folder.resolve(name + "-errors"));
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
