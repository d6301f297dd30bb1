package dev.coxswain.store.storm;

import static dev.coxswain.store.storm.Etcdctl.awaitStarted;
import static dev.coxswain.store.storm.Etcdctl.awaitWrites;
import static dev.coxswain.store.storm.Etcdctl.ctl;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What flipped or went missing on the disk is noticed, and nobody is told what it says. */
final class DamageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int WRITES = 60;

  @TempDir private Path directory;
  private final List<MemberProcess> processes = new ArrayList<>();

  @AfterEach
  void stopAll() {
    processes.forEach(MemberProcess::kill);
  }

  private MemberProcess start(Host host, String... more) {
    List<String> flags = new ArrayList<>(host.flags(data(host)));
    flags.addAll(List.of(more));
    MemberProcess process = new MemberProcess(List.of(), flags, log(host));
    processes.add(process);
    process.start();
    return process;
  }

  private Path data(Host host) {
    return directory.resolve("data-" + host.name());
  }

  private Path log(Host host) {
    return directory.resolve(host.name() + ".log");
  }

  @Test
  void aDamagedMemberServesOnceItWasSentEverythingAnew() throws IOException {
    List<Host> hosts = List.of(Host.named("a"), Host.named("b"), Host.named("c"));
    String founders =
        "--initial-cluster=" + hosts.stream().map(Host::founder).collect(Collectors.joining(","));
    for (Host host : hosts) {
      start(host, founders, "--snapshot-count=16");
    }
    Host healthy = hosts.getFirst();
    awaitWrites(healthy);
    for (int i = 0; i < WRITES; i++) {
      ctl(healthy, "put", "key-" + i % 7, "value-" + i).ok();
    }
    String before = ctl(healthy, "get", "", "--prefix").ok();

    // Of the majority that made the leader, one at least is not the first, and its turn comes
    // first.
    int first = FlippedBit.hasVoted(data(hosts.get(1))) ? 0 : 1;
    assertThat(FlippedBit.hasVoted(data(hosts.get(1 + first)))).isTrue();
    int turn = 0;
    for (FlippedBit.In damaged : FlippedBit.In.values()) {
      int index = 1 + (first + turn) % 2;
      int replacements = ++turn / 2 + turn % 2;
      Host host = hosts.get(index);
      awaitStarted(healthy, hosts.size());
      MemberProcess process = processes.get(index);
      process.kill();
      FlippedBit.flip(data(host), damaged);
      process.start();
      Awaitility.await(host.name() + " serves again")
          .atMost(PATIENCE)
          .until(() -> ctl(host, "get", "", "--prefix", "--consistency=s").output().equals(before));
      assertThat(Files.readString(log(host)))
          .containsPattern("damaged.*this member does not serve until it was sent everything anew")
          .containsPattern("member \\S+ is replaced by \\S+, which is sent everything");
      // The third time it is the first host's turn again.
      assertThat(Files.readAllLines(log(host)))
          .filteredOn(line -> line.contains(" is replaced by "))
          .hasSize(replacements);
    }
    awaitStarted(healthy, hosts.size());
    assertThat(ctl(hosts.get(1), "get", "", "--prefix").ok()).isEqualTo(before);
    ctl(hosts.get(2), "put", "after", "x").ok();
  }

  @Test
  void aMemberThatLostEntriesServesOnceItWasSentEverythingAnew() throws IOException {
    List<Host> hosts = List.of(Host.named("a"), Host.named("b"), Host.named("c"));
    String founders =
        "--initial-cluster=" + hosts.stream().map(Host::founder).collect(Collectors.joining(","));
    for (Host host : hosts) {
      start(host, founders);
    }
    Host healthy = hosts.getFirst();
    awaitWrites(healthy);
    for (int i = 0; i < WRITES; i++) {
      ctl(healthy, "put", "key-" + i % 7, "value-" + i).ok();
    }
    String before = ctl(healthy, "get", "key", "--prefix").ok();
    Host host = hosts.getLast();
    MemberProcess process = processes.getLast();
    // With a leader's first entry a new piece of the log begins.
    processes.forEach(MemberProcess::kill);
    processes.forEach(MemberProcess::start);
    awaitStarted(healthy, hosts.size());
    awaitWrites(host);
    assertThat(LostTail.possible(data(host))).isTrue();
    process.kill();
    LostTail.cut(data(host));
    process.start();
    Awaitility.await(host.name() + " serves again")
        .atMost(PATIENCE)
        .until(
            () -> ctl(host, "get", "key", "--prefix", "--consistency=s").output().equals(before));
    assertThat(Files.readString(log(host)))
        .containsPattern(
            "damaged: it has \\d+ of \\d+ entries.*does not serve until it was sent everything")
        .containsPattern("member \\S+ is replaced by \\S+, which is sent everything");
  }

  @Test
  void oneAloneRefusesAndSaysWhatToDo() throws IOException {
    Host host = Host.named("alone");
    MemberProcess process = start(host);
    awaitWrites(host);
    for (int i = 0; i < WRITES; i++) {
      ctl(host, "put", "key-" + i % 7, "value-" + i).ok();
    }
    process.kill();
    FlippedBit.flip(data(host), FlippedBit.In.LOG);
    process.start();
    Awaitility.await("it to refuse").atMost(PATIENCE).until(() -> !process.alive());
    assertThat(Files.readString(log(host)))
        .contains("is damaged at byte")
        .contains("there is no other member to get it from: restore the newest of")
        .contains("cox store snapshot restore");
  }
}
