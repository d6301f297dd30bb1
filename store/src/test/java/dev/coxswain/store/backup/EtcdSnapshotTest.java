package dev.coxswain.store.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.RequestOp;
import dev.coxswain.proto.etcd.TxnRequest;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EtcdSnapshotTest {
  @TempDir private Path directory;

  @Test
  void keysHistoryAndLeasesComeBackAndMembersDoNot() throws IOException {
    for (int seed = 0; seed < 30; seed++) {
      StoreState state = state(seed);
      Path file = directory.resolve("state-" + seed + ".db");
      EtcdSnapshot.write(StateCapture.of(state), 3, 400, file);

      StoreState read = EtcdSnapshotReader.read(file, new Members());

      assertThat(read.keyspace().revision()).isEqualTo(state.keyspace().revision());
      assertThat(read.keyspace().compactRevision()).isEqualTo(state.keyspace().compactRevision());
      assertThat(read.keyspace().liveKeys()).isEqualTo(state.keyspace().liveKeys());
      for (long at = Math.max(1, state.keyspace().compactRevision());
          at <= state.keyspace().revision();
          at++) {
        assertThat(read.keyspace().hash(at)).isEqualTo(state.keyspace().hash(at));
        assertThat(keys(read, at)).isEqualTo(keys(state, at));
      }
      assertThat(read.leases().keys(7).stream().map(EtcdSnapshotTest::text).toList())
          .isEqualTo(state.leases().keys(7).stream().map(EtcdSnapshotTest::text).toList());
      assertThat(read.members().all()).isEmpty();
    }
  }

  @Test
  void aTrailerTellsAWholeFileFromADamagedOne() throws IOException {
    LocalSnapshots snapshots = new LocalSnapshots(directory);
    StoreState state = state(1);
    Path file =
        snapshots.take(
            target -> {
              EtcdSnapshot.write(StateCapture.of(state), 1, 1, target);
              return state.keyspace().revision();
            },
            Instant.EPOCH,
            2);
    SnapshotChecksum.verify(file);

    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);
    assertThatThrownBy(() -> SnapshotChecksum.verify(file)).hasMessageContaining("damaged");
    Files.write(file, Arrays.copyOf(damaged, damaged.length - 32));
    assertThatThrownBy(() -> SnapshotChecksum.verify(file))
        .hasMessageContaining("--skip-hash-check");
  }

  @Test
  void onlyTheNewestScheduledSnapshotsAreKept() throws IOException {
    LocalSnapshots snapshots = new LocalSnapshots(directory);
    for (int i = 0; i < 5; i++) {
      int revision = i;
      snapshots.take(
          target -> {
            Files.writeString(target, "state " + revision);
            return revision;
          },
          Instant.EPOCH.plus(Duration.ofHours(i)),
          2);
    }
    assertThat(snapshots.all())
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "snapshot-19700101T040000Z-rev0000000004.db",
            "snapshot-19700101T030000Z-rev0000000003.db");
  }

  /** The clock was years ahead when the first two were taken. */
  @Test
  void theNewestSnapshotIsKeptThoughOlderOnesAreOfTheFuture() throws IOException {
    LocalSnapshots snapshots = new LocalSnapshots(directory);
    Path mine = Files.writeString(directory.resolve("snapshot-before-the-upgrade.db"), "mine");
    for (int revision = 1; revision <= 4; revision++) {
      long written = revision;
      snapshots.take(
          target -> {
            Files.writeString(target, "state");
            return written;
          },
          Instant.EPOCH.plus(Duration.ofHours(revision < 3 ? 100_000 : revision)),
          2);
    }
    assertThat(snapshots.all())
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "snapshot-19700101T040000Z-rev0000000004.db",
            "snapshot-19700101T030000Z-rev0000000003.db");
    assertThat(mine).exists();
  }

  private static String keys(StoreState state, long revision) {
    StringBuilder names = new StringBuilder();
    for (KeyVersion version : state.keyspace().written(revision)) {
      names.append(text(version.key())).append(version.deleted() ? "-" : "+").append(' ');
    }
    return names.toString();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static StoreState state(int seed) {
    Random random = new Random(seed);
    StoreState state = new StoreState();
    state.apply(
        new Operation.LeaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(60).build()));
    state.apply(new Operation.MemberSet(Member.newBuilder().setID(1).setName("m").build()));
    for (int i = 0; i < 150; i++) {
      switch (random.nextInt(4)) {
        case 0 -> state.apply(new Operation.Put(put(random)));
        case 1 ->
            state.apply(
                new Operation.DeleteRange(
                    DeleteRangeRequest.newBuilder().setKey(key(random.nextInt(10))).build()));
        case 2 -> {
          TxnRequest.Builder several = TxnRequest.newBuilder();
          for (int key = 9; key > random.nextInt(9); key -= 2) {
            several.addSuccess(
                RequestOp.newBuilder().setRequestPut(put(random).toBuilder().setKey(key(key))));
          }
          state.apply(new Operation.Txn(several.build()));
        }
        default -> {
          if (i % 20 == 0) {
            state.apply(
                new Operation.Compact(
                    CompactionRequest.newBuilder()
                        .setRevision(state.keyspace().revision() - random.nextInt(3))
                        .build()));
            state.keyspace().sweep();
          }
        }
      }
    }
    return state;
  }

  private static PutRequest put(Random random) {
    return PutRequest.newBuilder()
        .setKey(key(random.nextInt(10)))
        .setValue(ByteString.copyFromUtf8("value-" + random.nextInt()))
        .setLease(random.nextInt(3) == 0 ? 7 : 0)
        .build();
  }

  private static ByteString key(int number) {
    return ByteString.copyFromUtf8("key-" + number);
  }
}
