package dev.coxswain.store.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.OperationCodec;
import dev.coxswain.store.machine.Outcome;
import dev.coxswain.store.mvcc.KeyRange;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.raft.Batch;
import dev.coxswain.store.raft.Proposer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Three members over one simulated log. Entries are committed or lost, members lag, crash, come
 * back from snapshots, or are given somebody else's; compactions are swept at any time; watchers
 * read slowly and reconnect. After every entry each member's outcomes, state and history are held
 * against the model, and in the end every watcher's events. A failure names its seed.
 */
final class StoreSimulationTest {
  private static final int SEEDS = Integer.getInteger("coxswain.store.seeds", 1500);
  private static final int STEPS = 400;
  private static final int MEMBERS = 3;
  private static final int PLANTED_SEEDS = 50;

  @TempDir private Path directory;

  @Test
  void membersAgreeWithTheModelAndNobodyMissesAnEvent() {
    long firstSeed = Long.getLong("coxswain.store.firstSeed", 1L);
    for (long seed = firstSeed; seed < firstSeed + SEEDS; seed++) {
      try {
        new Run(seed, directory, Plant.NOTHING).run();
      } catch (AssertionError | IOException | RuntimeException e) {
        throw new AssertionError(
            "seed "
                + seed
                + " fails; replay with -Dcoxswain.store.seeds=1"
                + " -Dcoxswain.store.firstSeed="
                + seed,
            e);
      }
    }
  }

  /** A bug put in on purpose, to see that it does not go unnoticed. */
  enum Plant {
    NOTHING,
    LOST_UPDATE,
    STALE_SNAPSHOT,
    DROPPED_EVENT
  }

  @ParameterizedTest
  @EnumSource(
      value = Plant.class,
      names = {"LOST_UPDATE", "STALE_SNAPSHOT", "DROPPED_EVENT"})
  void plantedBugsAreFound(Plant plant) throws IOException {
    for (long seed = 1; seed <= PLANTED_SEEDS; seed++) {
      try {
        new Run(seed, directory, plant).run();
      } catch (AssertionError found) {
        return;
      }
    }
    throw new AssertionError(plant + " was not found in " + PLANTED_SEEDS + " seeds");
  }

  private static final class Run {
    private final Randomness random;
    private final Plant plant;
    private final ManualTime time = new ManualTime();
    private final Operations operations;
    private final Model model = new Model();
    private final List<byte[]> log = new ArrayList<>();
    private final List<List<@Nullable StoreError>> expected = new ArrayList<>();
    private final List<Integer> hashes = new ArrayList<>();
    private final Map<Integer, Deque<Submitted>> pending = new HashMap<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final Proposer proposer;
    private final Deque<Submitted> submitted = new ArrayDeque<>();
    private int asked;
    private int answered;

    private record Submitted(Batch batch, CompletableFuture<Object> done) {}

    Run(long seed, Path directory, Plant plant) {
      this.plant = plant;
      random = Randomness.seeded(seed);
      operations = new Operations(random);
      proposer = new Proposer(this::submit, time, Duration.ofSeconds(7));
      for (int i = 0; i < MEMBERS; i++) {
        Replica replica = new Replica(directory.resolve("snapshot-" + i));
        replicas.add(replica);
        replica.watch(new WatchClient("key-a", "key-z", random.chance(0.5), 1));
        replica.watch(new WatchClient("key-c", "key-g", random.chance(0.5), 1));
      }
    }

    private CompletableFuture<Object> submit(Batch batch) {
      Submitted one = new Submitted(batch, new CompletableFuture<>());
      submitted.add(one);
      return one.done();
    }

    void run() throws IOException {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      settle();
    }

    private void step() throws IOException {
      Replica replica = replicas.get((int) random.below(MEMBERS));
      switch ((int) random.below(24)) {
        case 0, 1, 2, 3, 4, 5 -> propose();
        case 6, 7, 8, 9 -> commitOrLose();
        case 10 -> replica.state().keyspace().sweep();
        case 11 -> {
          if (plant != Plant.STALE_SNAPSHOT) {
            replica.takeSnapshot();
          } else {
            replica.takeSnapshotOfTheWrongEntry();
          }
        }
        case 12 -> replica.crash();
        case 13 -> install(replica);
        case 14, 15 -> replica.clients().forEach(client -> client.ready(random.chance(0.6)));
        case 16, 17 -> replica.pump();
        default -> apply(replica);
      }
    }

    private void propose() {
      for (long burst = 1 + random.below(5); burst > 0; burst--) {
        asked++;
        var unused =
            proposer
                .propose(operations.next(model.revision()))
                .whenComplete((outcome, failure) -> answered++);
        assertThat(unused).isNotNull();
      }
    }

    private void commitOrLose() {
      Submitted one = submitted.poll();
      if (one == null) {
        return;
      }
      if (random.chance(0.15)) {
        // The leader changed before, or after, the entry was in its log; it is lost either way.
        if (random.chance(0.5)) {
          one.batch().markAppended(time.nanos());
        }
        one.done().completeExceptionally(new IOException("the leader changed"));
        return;
      }
      one.batch().markAppended(time.nanos());
      List<Operation> batch = one.batch().operations();
      List<@Nullable StoreError> outcomes = new ArrayList<>();
      batch.forEach(operation -> outcomes.add(model.apply(operation)));
      log.add(OperationCodec.encode(batch));
      expected.add(outcomes);
      pending.computeIfAbsent(log.size(), ignored -> new ArrayDeque<>()).add(one);
    }

    private void apply(Replica replica) throws IOException {
      if (replica.applied() >= log.size()) {
        return;
      }
      int index = replica.applied();
      List<Outcome> outcomes = replica.apply(maybeSpoiled(log.get(index)));
      for (int i = 0; i < outcomes.size(); i++) {
        StoreError wanted = expected.get(index).get(i);
        Outcome got = outcomes.get(i);
        if (wanted == null) {
          assertThat(got).as("entry %s operation %s", index, i).isInstanceOf(Outcome.Done.class);
        } else {
          assertThat(got).isEqualTo(new Outcome.Refused(wanted));
        }
      }
      int hash = replica.state().keyspace().hash(replica.state().keyspace().revision());
      if (hashes.size() == index) {
        hashes.add(hash);
        answer(index + 1, outcomes);
      } else {
        assertThat(hash).as("state after entry %s", index).isEqualTo(hashes.get(index));
      }
      if (replica.applied() == log.size() && random.chance(0.1)) {
        compare(replica);
      }
    }

    /** With a lost update planted, now and then an entry without its last put. */
    private byte[] maybeSpoiled(byte[] entry) throws IOException {
      if (plant != Plant.LOST_UPDATE || !random.chance(0.05)) {
        return entry;
      }
      List<Operation> operations = OperationCodec.decode(ByteString.copyFrom(entry));
      return operations.getLast() instanceof Operation.Put(PutRequest put)
          ? OperationCodec.encode(
              Stream.concat(
                      operations.subList(0, operations.size() - 1).stream(),
                      Stream.of(
                          new Operation.Put(
                              put.toBuilder().setValue(ByteString.copyFromUtf8("")).build())))
                  .toList())
          : entry;
    }

    private void answer(int entry, List<Outcome> outcomes) {
      Deque<Submitted> waiting = pending.remove(entry);
      if (waiting != null) {
        for (Submitted one : waiting) {
          for (int i = 0; i < outcomes.size(); i++) {
            one.batch().answer(i, outcomes.get(i));
          }
          one.done().complete("applied");
        }
      }
    }

    /** Every revision that may still be read holds exactly what the model held then. */
    private void compare(Replica replica) {
      var keyspace = replica.state().keyspace();
      assertThat(keyspace.revision()).isEqualTo(model.revision());
      assertThat(keyspace.compactRevision()).isEqualTo(model.compacted());
      assertThat(keyspace.liveKeys()).isEqualTo(model.at(model.revision()).size());
      for (long at = Math.max(1, model.compacted()); at <= model.revision(); at++) {
        TreeMap<String, Model.Entry> read = new TreeMap<>();
        keyspace.forEach(
            KeyRange.of(ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("z")),
            at,
            version -> read.put(text(version.key()), entry(version)));
        assertThat(read).as("revision %s", at).isEqualTo(model.at(at));
      }
      model
          .leases()
          .forEach((id, seconds) -> {
            List<String> held =
                model.at(model.revision()).entrySet().stream()
                    .filter(one -> one.getValue().lease() == id)
                    .map(Map.Entry::getKey)
                    .toList();
            assertThat(replica.state().leases().keys(id).stream().map(Run::text))
                .as("keys of lease %s", id)
                .containsExactlyElementsOf(held);
          });
    }

    private static String text(byte[] bytes) {
      return ByteString.copyFrom(bytes).toStringUtf8();
    }

    private static Model.Entry entry(KeyVersion version) {
      ByteString value = version.value();
      return new Model.Entry(
          value == null ? "" : value.toStringUtf8(),
          version.createRevision(),
          version.modRevision(),
          version.version(),
          version.lease());
    }

    private void install(Replica replica) throws IOException {
      replica.install(replicas.get((int) random.below(MEMBERS)));
    }

    private void applyAll() throws IOException {
      for (Replica replica : replicas) {
        while (replica.applied() < log.size()) {
          apply(replica);
        }
      }
    }

    /** Lets everything come to an end, and then holds the watchers to account. */
    private void settle() throws IOException {
      applyAll();
      while (!submitted.isEmpty()) {
        commitOrLose();
        applyAll();
      }
      for (Replica replica : replicas) {
        compare(replica);
        replica.clients().forEach(client -> client.ready(true));
        if (plant == Plant.DROPPED_EVENT) {
          replica.clients().forEach(WatchClient::forgetOneEvent);
        }
        replica.pump();
        replica.clients().forEach(client -> client.verify(model));
      }
      assertThat(answered).as("every proposal is answered").isEqualTo(asked);
      assertThat(proposer.pending()).isZero();
      for (byte[] entry : log) {
        assertThat(OperationCodec.encode(OperationCodec.decode(ByteString.copyFrom(entry))))
            .isEqualTo(entry);
      }
    }
  }
}
