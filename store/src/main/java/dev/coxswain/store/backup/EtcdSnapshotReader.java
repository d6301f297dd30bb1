package dev.coxswain.store.backup;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.Lease;
import dev.coxswain.store.bolt.BoltFile;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the keys, their history and the leases out of an etcd database, ours or a real etcd's. Its
 * members and alarms are left behind: who restores a snapshot founds a new cluster.
 */
public final class EtcdSnapshotReader {
  private final long compactRevision;
  private final Keyspace.Loader loader;
  private final LeaseTable leases = new LeaseTable();

  /** The newest state of each key at the compaction, while older versions are still to come. */
  private final Map<ByteString, KeyValue> compacted = new LinkedHashMap<>();

  private final Map<ByteString, KeyVersion> newest = new LinkedHashMap<>();

  private EtcdSnapshotReader(long revision, long compactRevision) {
    this.compactRevision = compactRevision;
    this.loader = Keyspace.loader(revision, compactRevision);
  }

  /** Fails unless the file has a checksum and it matches. */
  public static void verify(Path file) throws IOException {
    SnapshotChecksum.verify(file);
  }

  /** Reads a state; the members given are those of the new cluster. */
  public static StoreState read(Path file, Members members) throws IOException {
    try (BoltFile bolt = BoltFile.open(file)) {
      long[] compaction = {0};
      bolt.forEach(
          EtcdBuckets.META,
          (key, value) -> {
            // A compaction that was decided binds, even if it had not been carried out to its end.
            if (Arrays.equals(key, EtcdBuckets.SCHEDULED_COMPACTION)
                || Arrays.equals(key, EtcdBuckets.FINISHED_COMPACTION)) {
              compaction[0] = Math.max(compaction[0], EtcdBuckets.Place.decode(value).revision());
            }
          });
      long[] revision = {Math.max(Keyspace.FIRST_REVISION, compaction[0])};
      bolt.forEach(
          EtcdBuckets.KEY,
          (key, value) ->
              revision[0] = Math.max(revision[0], EtcdBuckets.Place.decode(key).revision()));
      return new EtcdSnapshotReader(revision[0], compaction[0]).read(bolt, members);
    }
  }

  private StoreState read(BoltFile bolt, Members members) throws IOException {
    bolt.forEach(
        EtcdBuckets.LEASE,
        (key, value) -> {
          Lease lease = Lease.parseFrom(value);
          leases.grant(lease.getID(), lease.getTTL());
        });
    bolt.forEach(EtcdBuckets.KEY, this::version);
    flushCompacted();
    newest.values().stream()
        .filter(version -> version.lease() != 0)
        .forEach(version -> leases.attach(version.lease(), version.key()));
    return new StoreState(loader.finish(), leases, members, List.of());
  }

  // Revisions come in order, so those up to the compaction come first: of each key only the last
  // of these still counts.
  private void version(byte[] key, byte[] value) throws IOException {
    EtcdBuckets.Place place = EtcdBuckets.Place.decode(key);
    KeyValue pair = KeyValue.parseFrom(value);
    if (place.revision() > compactRevision) {
      flushCompacted();
      add(pair, place);
    } else if (place.tombstone() && place.revision() < compactRevision) {
      compacted.remove(pair.getKey());
    } else if (place.tombstone()) {
      compacted.remove(pair.getKey());
      flushLater(pair, place);
    } else {
      compacted.put(pair.getKey(), pair);
    }
  }

  /** A tombstone at the compaction itself still is an event to watches that start there. */
  private void flushLater(KeyValue pair, EtcdBuckets.Place place) {
    compacted.put(
        pair.getKey(),
        KeyValue.newBuilder().setKey(pair.getKey()).setModRevision(place.revision()).build());
  }

  private void flushCompacted() {
    for (KeyValue pair : compacted.values()) {
      boolean tombstone = pair.getCreateRevision() == 0;
      add(pair, new EtcdBuckets.Place(pair.getModRevision(), 0, tombstone));
    }
    compacted.clear();
  }

  private void add(KeyValue pair, EtcdBuckets.Place place) {
    boolean deleted = place.tombstone();
    KeyVersion version =
        loader.add(
            pair.getKey().toByteArray(),
            deleted ? null : pair.getValue(),
            deleted ? 0 : pair.getCreateRevision(),
            place.revision(),
            deleted ? 0 : pair.getVersion(),
            deleted ? 0 : pair.getLease());
    if (version.lease() != 0) {
      newest.put(pair.getKey(), version);
    } else {
      newest.remove(pair.getKey());
    }
  }
}
