package dev.coxswain.store.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.snapshot.SnapshotFile;
import dev.coxswain.store.snapshot.StateCapture;
import dev.coxswain.store.watch.WatchHub;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One member: a state, how far it has applied the log, its last snapshot, its watches. */
final class Replica {
  private final Path snapshot;
  private StoreState state = new StoreState();
  private WatchHub hub = new WatchHub(() -> state.keyspace());
  private int applied;
  private int snapshotAt;
  private final List<WatchClient> clients = new ArrayList<>();

  Replica(Path snapshot) {
    this.snapshot = snapshot;
  }

  StoreState state() {
    return state;
  }

  WatchHub hub() {
    return hub;
  }

  int applied() {
    return applied;
  }

  void watch(WatchClient client) {
    clients.add(client);
    client.connect(hub);
  }

  /** Applies the next entry and returns what its operations came to. */
  List<Outcome> apply(byte[] entry) throws IOException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Operation operation : OperationCodec.decode(UnsafeByteOperations.unsafeWrap(entry))) {
      outcomes.add(state.apply(operation));
    }
    applied++;
    return outcomes;
  }

  void takeSnapshot() throws IOException {
    StateCapture capture = StateCapture.of(state);
    try (OutputStream out = Files.newOutputStream(snapshot)) {
      SnapshotFile.write(capture, out);
    }
    snapshotAt = applied;
  }

  /** A planted bug: the snapshot claims an entry that it does not hold. */
  void takeSnapshotOfTheWrongEntry() throws IOException {
    takeSnapshot();
    snapshotAt = Math.max(0, snapshotAt - 1);
  }

  /** Dies and comes back with its snapshot; its watchers reconnect. */
  void crash() throws IOException {
    load(snapshotAt == 0 ? new StoreState() : SnapshotFile.read(snapshot), snapshotAt);
  }

  /** Falls so far behind that it is given another member's snapshot. */
  void install(Replica other) throws IOException {
    if (other.snapshotAt > applied) {
      Files.copy(other.snapshot, snapshot, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      snapshotAt = other.snapshotAt;
      StoreState installed = SnapshotFile.read(snapshot);
      // The process lives on, and so do its watches, over another state.
      state = installed;
      applied = snapshotAt;
    }
  }

  private void load(StoreState loaded, int index) {
    state = loaded;
    applied = index;
    hub = new WatchHub(() -> state.keyspace());
    clients.forEach(client -> client.connect(hub));
  }

  void pump() {
    int rounds = 0;
    while (hub.pump()) {
      assertThat(rounds++).as("the hub does not come to rest").isLessThan(100_000);
    }
    for (WatchClient client : clients) {
      if (client.restartAfterCompaction(hub)) {
        pump();
      }
    }
  }

  List<WatchClient> clients() {
    return clients;
  }
}
