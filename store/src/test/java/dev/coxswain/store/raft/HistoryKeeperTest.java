package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.store.disk.DiskRoom;
import dev.coxswain.store.lease.LeaseClock;
import dev.coxswain.store.machine.AutoCompaction;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryKeeperTest {
  private static final Duration KEPT = Duration.ofHours(1);

  @TempDir private Path directory;
  private final ManualTime time = new ManualTime();
  private final List<Operation> proposed = new ArrayList<>();
  private StoreMachine machine;
  private HistoryKeeper history;
  private boolean roomLeft = true;

  private static final class Nobody implements StoreMachine.Listener {
    @Override
    public void applied() {}

    @Override
    public void leaderChanged(String leader) {}

    @Override
    public void leading() {}

    @Override
    public void membersChanged() {}

    @Override
    public void memberRemoved(long id) {}

    @Override
    public void logFailed(Throwable cause) {}

    @Override
    public void shutDown() {}
  }

  @BeforeEach
  void start() throws IOException {
    machine =
        new StoreMachine(
            time,
            new LeaseClock(),
            new Nobody(),
            new Snapshotter(new SnapshotStorage(), 1000, new DiskRoom(directory, 0), 1),
            new EarlyRead(directory),
            new OperationCounts());
    Proposer proposer =
        new Proposer(
            batch -> {
              proposed.addAll(batch.operations());
              return new CompletableFuture<>();
            },
            time,
            Duration.ofMinutes(1));
    history =
        new HistoryKeeper(
            machine, proposer, new AutoCompaction.Policy.Periodic(KEPT), bytes -> roomLeft, time);
  }

  /** Else history would grow for ever where leaders change more often than it is to be kept. */
  @Test
  void whoBeginsToLeadKnowsWhatIsOld() {
    apply(put("a"));
    history.compact(false);
    time.advance(KEPT);
    apply(put("a"));
    history.compact(false);
    assertThat(proposed).as("the leader proposes").isEmpty();
    time.advance(KEPT.dividedBy(2));
    history.compact(true);
    time.advance(KEPT.dividedBy(2));
    history.compact(true);
    assertThat(proposed)
        .containsExactly(
            new Operation.Compact(CompactionRequest.newBuilder().setRevision(3).build()));
  }

  @Test
  void whatWasCompactedIsFreeOnceItsTurnHasCome() throws InterruptedException {
    apply(put("a"));
    apply(put("a"));
    apply(new Operation.Compact(CompactionRequest.newBuilder().setRevision(3).build()));
    machine.snapshotter().history().acquire();
    history.sweep();
    assertThat(machine.state().keyspace().needsSweep()).as("somebody reads it").isTrue();
    machine.snapshotter().history().release();
    history.sweepInTurn();
    assertThat(machine.state().keyspace().needsSweep()).isFalse();
  }

  @Test
  void aSnapshotThatDoesNotFitIsNotWritten() throws IOException {
    apply(put("a"));
    roomLeft = false;
    assertThatThrownBy(() -> history.write(directory.resolve("first")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no room");
    roomLeft = true;
    assertThat(history.write(directory.resolve("second"))).isEqualTo(2);
  }

  private void apply(Operation operation) {
    assertThat(machine.state().apply(operation)).isInstanceOf(Outcome.Done.class);
  }

  private static Operation put(String key) {
    return new Operation.Put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build());
  }
}
