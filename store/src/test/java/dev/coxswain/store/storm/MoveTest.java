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

/** Members move to other peer URLs, one after the other, while clients write. */
final class MoveTest {
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

  private MemberProcess process(Host host) {
    List<String> flags = new ArrayList<>(host.flags(directory.resolve(host.name())));
    flags.add(
        "--initial-cluster=" + hosts.stream().map(Host::founder).collect(Collectors.joining(",")));
    return new MemberProcess(List.of(), flags, directory.resolve(host.name() + ".log"));
  }

  private String identity(Host host) {
    return ctl(hosts.getFirst(), "member", "list")
        .ok()
        .lines()
        .filter(line -> line.contains(" " + host.name() + ","))
        .map(line -> line.substring(0, line.indexOf(',')))
        .findFirst()
        .orElseThrow();
  }

  private void caughtUp(Host host) {
    String last = List.copyOf(writers.acknowledged()).getLast();
    Awaitility.await("what was written, at " + host.name())
        .atMost(PATIENCE)
        .until(() -> ctl(host, "get", last, "--consistency=s").output().contains(last));
  }

  @Test
  void everyMemberMovesAndAllComeBackTogether() throws IOException, InterruptedException {
    for (String name : List.of("a", "b", "c")) {
      hosts.add(Host.named(name));
    }
    for (Host host : hosts) {
      processes.add(process(host));
    }
    processes.forEach(MemberProcess::start);
    awaitWrites(hosts.getFirst());
    awaitStarted(hosts.getFirst(), hosts.size());
    List<String> identities = hosts.stream().map(this::identity).toList();
    writers.startOn(hosts);

    Host nowhere = Host.named("nowhere");
    assertThat(
            ctl(hosts.get(0), "member", "update", "1", "--peer-urls=" + nowhere.peerUrl())
                .refused())
        .contains("etcdserver: member not found");
    assertThat(
            ctl(
                    hosts.get(0),
                    "member",
                    "update",
                    identities.get(1),
                    "--peer-urls=" + hosts.get(2).peerUrl())
                .refused())
        .contains("etcdserver: Peer URLs already exists");

    for (int i = 0; i < hosts.size(); i++) {
      Host host = hosts.get(i);
      Host moved = host.moved();
      String id = identities.get(i);
      // A busy machine may be electing a leader at this moment. etcdctl sets blanks before an
      // identity whose first digit is a zero.
      Awaitility.await("the move of " + host.name() + " to be decided")
          .atMost(PATIENCE)
          .until(() ->
              ctl(host, "member", "update", id, "--peer-urls=" + moved.peerUrl())
                  .output()
                  .matches("Member +" + id + " updated in cluster +\\w+\n"));
      Awaitility.await(host.name() + " to know where it is to be")
          .atMost(PATIENCE)
          .until(() -> {
            String members = ctl(host, "member", "list").output();
            return members.contains(moved.peerUrl()) && !members.contains(host.peerUrl());
          });
      int before = writers.acknowledged().size();
      processes.get(i).stop();
      hosts.set(i, moved);
      processes.set(i, process(moved));
      processes.get(i).start();
      awaitWrites(moved);
      caughtUp(moved);
      assertThat(writers.acknowledged())
          .as("writes while %s moved", host.name())
          .hasSizeGreaterThan(before);
    }

    // Each is needed now, where it is now.
    processes.getFirst().kill();
    awaitWrites(hosts.getLast());
    processes.getFirst().start();
    caughtUp(hosts.getFirst());
    writers.stop();

    // Nobody is where the others first knew it: what they learned must have lasted.
    processes.forEach(MemberProcess::kill);
    processes.forEach(MemberProcess::start);
    awaitWrites(hosts.getFirst());
    awaitStarted(hosts.getFirst(), hosts.size());
    for (Host host : hosts) {
      awaitWrites(host);
      assertThat(Writers.keys(host)).containsAll(writers.acknowledged());
    }
  }
}
