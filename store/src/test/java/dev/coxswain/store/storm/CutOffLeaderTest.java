package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RangeRequest;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.storm.Fault.Role;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A leader that is cut off does not know it at once. Meanwhile others may have written, and what it
 * holds is old.
 */
final class CutOffLeaderTest {
  private static final int ROUNDS = 3;
  private static final int CALL_SECONDS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Longer than a leader believes in itself without hearing of the others, shorter than it leads.
   */
  private static final Duration SILENCE = Duration.ofMillis(600);

  @TempDir private Path directory;

  @Test
  void aReadThatWasOnceConfirmedIsConfirmedAnew() throws IOException, InterruptedException {
    assertThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    Time time = new SystemTime();
    try (Fleet fleet = new Fleet(directory)) {
      for (int round = 0; round < ROUNDS; round++) {
        int leader = fleet.awaitLeader();
        String before = "old-" + round;
        // A busy machine may be electing another at this moment.
        Awaitility.await("a write before")
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> put(fleet.channel(leader), before));
        confirmAfterSilence(fleet, time, leader);
        new Fault.Isolate(Role.LEADER).strike(fleet, leader);
        int other = (leader + 1) % Fleet.SIZE;
        String written = "new-" + round;
        CompletableFuture<String> waiting =
            CompletableFuture.supplyAsync(() -> get(fleet.channel(other), PATIENCE));
        Awaitility.await("the others go on")
            .atMost(PATIENCE)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> put(fleet.channel(other), written));
        assertThat(waiting.join())
            .as("a read that the old leader cannot answer is answered by the new one")
            .isIn(before, written);
        try {
          assertThat(get(fleet.channel(leader))).isEqualTo(written);
        } catch (StatusRuntimeException cutOff) {
          // It may well say that it cannot tell.
        }
        Fault.lift(fleet);
        Awaitility.await("it is back")
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
            .until(() -> get(fleet.channel(leader)).equals(written));
      }
    }
  }

  /** A read while the others are silent has to wait for them, and is confirmed when they answer. */
  private static void confirmAfterSilence(Fleet fleet, Time time, int leader)
      throws InterruptedException {
    for (int member = 0; member < Fleet.SIZE; member++) {
      if (member != leader) {
        fleet.member(member).pause();
      }
    }
    time.sleep(SILENCE);
    CompletableFuture<String> read =
        CompletableFuture.supplyAsync(() -> get(fleet.channel(leader)));
    time.sleep(Duration.ofMillis(50));
    for (int member = 0; member < Fleet.SIZE; member++) {
      fleet.member(member).resume();
    }
    read.exceptionally(failure -> "").join();
  }

  private static boolean put(ManagedChannel channel, String value) {
    return KVGrpc.newBlockingStub(channel)
            .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
            .put(
                PutRequest.newBuilder()
                    .setKey(Codec.bytes("key"))
                    .setValue(Codec.bytes(value))
                    .build())
            .getHeader()
            .getRevision()
        > 0;
  }

  private static String get(ManagedChannel channel) {
    return get(channel, Duration.ofSeconds(CALL_SECONDS));
  }

  private static String get(ManagedChannel channel, Duration patience) {
    return KVGrpc.newBlockingStub(channel)
        .withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS)
        .range(RangeRequest.newBuilder().setKey(Codec.bytes("key")).build())
        .getKvs(0)
        .getValue()
        .toStringUtf8();
  }
}
