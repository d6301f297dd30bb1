package dev.coxswain.store.storm;

import static dev.coxswain.store.storm.Etcdctl.awaitStarted;
import static dev.coxswain.store.storm.Etcdctl.awaitWrites;
import static dev.coxswain.store.storm.Etcdctl.ctl;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three members become five while clients write, and the five bear the loss of two. */
final class GrowthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path directory;
  private final List<Host> hosts = new ArrayList<>();
  private final List<MemberProcess> processes = new ArrayList<>();
  private final Writers writers = new Writers();

  @AfterEach
  void stopAll() {
    writers.close();
    processes.forEach(MemberProcess::kill);
  }

  private void start(Host host, String founders, String state) {
    List<String> flags = new ArrayList<>(host.flags(directory.resolve(host.name())));
    flags.add("--initial-cluster=" + founders);
    flags.add("--initial-cluster-state=" + state);
    flags.add("--snapshot-count=100");
    MemberProcess process =
        new MemberProcess(List.of(), flags, directory.resolve(host.name() + ".log"));
    processes.add(process);
    process.start();
  }

  private String founders() {
    return hosts.stream().map(Host::founder).collect(Collectors.joining(","));
  }

  @Test
  void growsFromThreeToFiveWhileWritesFlow() throws IOException, InterruptedException {
    for (String name : List.of("a", "b", "c")) {
      hosts.add(Host.named(name));
    }
    for (Host host : hosts) {
      start(host, founders(), "new");
    }
    Host first = hosts.getFirst();
    awaitWrites(first);
    awaitStarted(first, hosts.size());

    writers.startOn(hosts);
    for (String name : List.of("d", "e")) {
      Host newcomer = Host.named(name);
      hosts.add(newcomer);
      int before = writers.acknowledged().size();
      Awaitility.await("a healthy cluster")
          .atMost(PATIENCE)
          .until(() ->
              ctl(first, "member", "add", name, "--peer-urls=" + newcomer.peerUrl()).code() == 0);
      start(newcomer, founders(), "existing");
      awaitStarted(first, hosts.size());
      awaitWrites(newcomer);
      assertThat(writers.acknowledged().size())
          .as("writes while %s joined", name)
          .isGreaterThan(before);
    }
    assertThat(writers.failures()).as("writes that failed while members joined").isZero();
    writers.stop();

    processes.get(0).kill();
    processes.get(1).kill();
    Host left = hosts.getLast();
    awaitWrites(left);
    assertThat(Writers.keys(left)).containsAll(writers.acknowledged());
    processes.get(2).kill();
    Awaitility.await("two of five to be too few")
        .atMost(PATIENCE)
        .until(() -> ctl(left, "put", "in", "vain").output().contains("etcdserver: no leader"));
    assertThat(Writers.keys(left, "--consistency=s")).containsAll(writers.acknowledged());
  }
}
