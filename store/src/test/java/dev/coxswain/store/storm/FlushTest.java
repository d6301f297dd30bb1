package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is acknowledged is on the disks of a majority, as the kernel saw it happen. */
final class FlushTest {
  private static final int PUTS = 25;
  private static final int CALL_SECONDS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path directory;

  @Test
  void anAcknowledgedWriteWasFlushedByAMajorityBefore() throws IOException {
    assertThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    Shell.run("strace -V");
    // Some containers may trace nothing, whatever is installed.
    assumeTrue(mayTrace(), "ptrace is not permitted here");
    Time time = new SystemTime();
    Map<String, Instant> acknowledged = new ConcurrentHashMap<>();
    AtomicInteger asked = new AtomicInteger();
    List<Path> traces = new ArrayList<>();
    try (Fleet fleet = new Fleet(directory)) {
      List<Process> tracers = new ArrayList<>();
      for (int member = 0; member < Fleet.SIZE; member++) {
        Path trace = directory.resolve("trace-" + member);
        traces.add(trace);
        tracers.add(trace(fleet.member(member).pid(), trace));
      }
      int leader = fleet.awaitLeader();
      for (int i = 0; i < PUTS; i++) {
        int member = (leader + i) % Fleet.SIZE;
        // A machine that is busy with tracing may be electing a leader at this moment.
        Awaitility.await("a write is acknowledged")
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> {
              String value = "flush-%03d!".formatted(asked.incrementAndGet());
              put(fleet.channel(member), value);
              return acknowledged.put(value, time.now()) == null;
            });
      }
      tracers.forEach(Process::destroy);
      Awaitility.await("strace has let go")
          .atMost(PATIENCE)
          .until(() -> tracers.stream().noneMatch(Process::isAlive));
    }
    assertThat(acknowledged).hasSize(PUTS);
    List<FlushTrace> flushes = new ArrayList<>();
    for (Path trace : traces) {
      flushes.add(new FlushTrace(Files.readAllLines(trace, StandardCharsets.ISO_8859_1)));
    }
    acknowledged.forEach((value, answered) -> {
      double when = answered.getEpochSecond() + answered.getNano() / 1e9;
      long safe =
          flushes.stream()
              .map(flush -> flush.flushed(value))
              .filter(flushed -> flushed.isPresent() && flushed.getAsDouble() <= when)
              .count();
      assertThat(safe)
          .as("members that had flushed %s when it was acknowledged at %s", value, when)
          .isGreaterThan(Fleet.SIZE / 2);
    });
  }

  private static void put(ManagedChannel channel, String value) {
    var _ =
        KVGrpc.newBlockingStub(channel)
            .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
            .put(
                PutRequest.newBuilder()
                    .setKey(Codec.bytes("key"))
                    .setValue(Codec.bytes(value))
                    .build());
  }

  private static boolean mayTrace() {
    try {
      Shell.run("strace -f -o /dev/null true");
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** Follows a process, and waits until it does. */
  private static Process trace(long pid, Path file) throws IOException {
    Process tracer =
        new ProcessBuilder(
                "strace",
                "-f",
                "-y",
                "-ttt",
                "-T",
                "-s",
                "4096",
                "-e",
                "trace=write,pwrite64,writev,pwritev,fsync,fdatasync",
                "-e",
                "signal=none",
                "-o",
                file.toString(),
                "-p",
                Long.toString(pid))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Awaitility.await("strace follows " + pid)
        .atMost(PATIENCE)
        .until(() -> {
          String status = Files.readString(Path.of("/proc/" + pid + "/status"));
          return !status.contains("TracerPid:\t0\n");
        });
    return tracer;
  }
}
