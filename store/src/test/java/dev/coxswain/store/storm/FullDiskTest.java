package dev.coxswain.store.storm;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member whose disk is full says so and goes on; it does not die and loses nothing. */
final class FullDiskTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of a megabyte each: more than the room that is left for them, and than the log keeps. */
  private static final int LARGE_KEYS = 40;

  /** Not even the first of the snapshots fits that are taken while so many keys are written. */
  private static final int ROOM_LEFT_MEGABYTES = 8;

  private static final String NO_SPACE = "etcdserver: mvcc: database space exceeded";

  @TempDir private Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private Host host = new Host("one", 0, 0);

  @BeforeEach
  void nameHost() throws IOException {
    assertThat(System.getProperty("user.name")).as("mounting needs root").isEqualTo("root");
    host = Host.named("one");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private MemberProcess start(List<String> prefix, Path data, String... more) {
    List<String> flags = new ArrayList<>(host.flags(data));
    flags.addAll(List.of(more));
    MemberProcess member = new MemberProcess(prefix, flags, log());
    open.add(member::kill);
    member.start();
    return member;
  }

  private Path log() {
    return directory.resolve("one.log");
  }

  @Test
  void raisesTheAlarmReadsGoOnAndRoomEndsIt() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    SmallDisk disk = new SmallDisk(data, "72m");
    open.add(disk);
    MemberProcess member = start(disk.prefix(), data);
    awaitWrites(host);
    long firstLife = member.pid();
    ctl(host, "put", "kept", "1").ok();
    ctl(host, "put", "spare", "x").ok();

    disk.fill();
    Awaitility.await("the alarm")
        .atMost(PATIENCE)
        .until(() -> ctl(host, "alarm", "list").output().contains("alarm:NOSPACE"));
    assertThat(ctl(host, "put", "more", "x").refused()).contains(NO_SPACE);
    assertThat(ctl(host, "lease", "grant", "60").refused()).contains(NO_SPACE);
    assertThat(ctl(host, "get", "kept").ok()).isEqualTo("kept\n1\n");
    assertThat(ctl(host, "del", "spare").ok()).isEqualTo("1\n");
    ctl(host, "compaction", "2").ok();
    ctl(host, "defrag").ok();
    assertThat(member.pid()).isEqualTo(firstLife);

    // Also when it dies meanwhile, and others have taken what it gave up.
    disk.fill();
    member.kill();
    member.start();
    Awaitility.await("reads").atMost(PATIENCE).until(() -> ctl(host, "get", "kept").code() == 0);
    assertThat(ctl(host, "get", "", "--prefix", "--keys-only").ok()).doesNotContain("spare");
    assertThat(ctl(host, "put", "more", "x").refused()).contains(NO_SPACE);
    long secondLife = member.pid();

    disk.empty();
    awaitWrites(host);
    Awaitility.await("the alarm to be withdrawn")
        .atMost(PATIENCE)
        .until(() -> ctl(host, "alarm", "list").ok().isEmpty());
    assertThat(ctl(host, "get", "kept").ok()).isEqualTo("kept\n1\n");
    assertThat(member.pid()).isEqualTo(secondLife);
  }

  /** Files cannot grow any more, from one write to the next: the log itself fails. */
  @Test
  void aLogThatFailsBeginsAnewInTheSameProcess() throws IOException, InterruptedException {
    MemberProcess member = start(List.of(), directory.resolve("data"));
    awaitWrites(host);
    ctl(host, "put", "kept", "1").ok();
    long life = member.pid();
    Path value = Files.write(directory.resolve("value"), new byte[1_000_000]);
    Shell.run("prlimit --pid " + life + " --fsize=2000000:");
    Thread writing =
        Thread.startVirtualThread(() ->
            Shell.run(
                put(host, "big", value)
                    + "; "
                    + put(host, "big", value)
                    + "; "
                    + put(host, "big", value)));
    Awaitility.await("the log to fail")
        .atMost(PATIENCE)
        .until(() -> Files.readString(log()).contains("beginning anew from what is on disk"));
    Shell.run("prlimit --pid " + life + " --fsize=unlimited");

    writing.join();
    awaitWrites(host);
    assertThat(ctl(host, "get", "kept").ok()).isEqualTo("kept\n1\n");
    assertThat(member.pid()).isEqualTo(life);
  }

  /** What the others would send it is more than there is room for. */
  @Test
  void aSnapshotThatDoesNotFitIsTakenInOnceThereIsRoom() throws IOException {
    List<Host> hosts = List.of(Host.named("a"), Host.named("b"), host);
    String founders =
        "--initial-cluster=" + hosts.stream().map(Host::founder).collect(Collectors.joining(","));
    for (Host other : hosts.subList(0, 2)) {
      List<String> flags = new ArrayList<>(other.flags(directory.resolve(other.name())));
      flags.addAll(List.of(founders, "--snapshot-count=16"));
      MemberProcess process =
          new MemberProcess(List.of(), flags, directory.resolve(other.name() + ".log"));
      open.add(process::kill);
      process.start();
    }
    Path data = Files.createDirectories(directory.resolve("data"));
    SmallDisk disk = new SmallDisk(data, "160m");
    open.add(disk);
    MemberProcess member = start(disk.prefix(), data, founders, "--snapshot-count=16");
    awaitWrites(host);
    member.kill();
    Host healthy = hosts.getFirst();
    Path value = Files.write(directory.resolve("value"), new byte[1_000_000]);
    for (int i = 0; i < LARGE_KEYS; i++) {
      Shell.run(put(healthy, "large-" + i, value));
    }
    disk.fillBut(ROOM_LEFT_MEGABYTES);
    member.start();
    long life = member.pid();
    Awaitility.await("what does not fit to be removed")
        .atMost(PATIENCE)
        .until(
            () -> Files.readString(log()).contains("a snapshot that was being received broke off"));
    assertThat(ctl(healthy, "alarm", "list").ok()).contains("alarm:NOSPACE");
    assertThat(member.alive()).isTrue();
    String before = ctl(healthy, "get", "", "--prefix", "--keys-only").ok();

    disk.empty();
    Awaitility.await("it to have caught up")
        .atMost(PATIENCE)
        .until(() ->
            ctl(host, "get", "", "--prefix", "--keys-only", "--consistency=s")
                .output()
                .equals(before));
    awaitWrites(host);
    assertThat(member.pid()).isEqualTo(life);
  }

  private static String put(Host asked, String key, Path value) {
    return "ETCDCTL_API=3 etcdctl --endpoints=%s put %s < %s 2>&1 || true"
        .formatted(asked.clientUrl(), key, value);
  }
}
