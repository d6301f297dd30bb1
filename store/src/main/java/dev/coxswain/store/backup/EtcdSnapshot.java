package dev.coxswain.store.backup;

import com.google.protobuf.UnsafeByteOperations;
import dev.coxswain.proto.etcd.AlarmMember;
import dev.coxswain.proto.etcd.KeyValue;
import dev.coxswain.proto.etcd.Lease;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.bolt.BoltWriter;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import dev.coxswain.store.snapshot.StateCapture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A captured state as a file that etcd's tools take for a snapshot of an etcd, and etcd itself for
 * its own database: keys with their history, leases, members, alarms. {@link SnapshotChecksum} puts
 * the trailer on it that a client of the Snapshot call is sent.
 */
public final class EtcdSnapshot {
  private static final String CLUSTER_VERSION = "3.5.0";

  private EtcdSnapshot() {}

  /**
   * Writes a capture to a new file. The keyspace must not be swept meanwhile.
   *
   * @param index the log index that the state stands at
   */
  public static void write(StateCapture capture, long term, long index, Path file)
      throws IOException {
    write(capture, term, index, file, () -> {});
  }

  /** The same, as long as there is room. */
  public static void write(
      StateCapture capture, long term, long index, Path file, BoltWriter.Room room)
      throws IOException {
    try (BoltWriter writer = BoltWriter.create(file, room)) {
      writer.bucket(EtcdBuckets.ALARM, pairs -> alarms(capture, pairs));
      writer.bucket(EtcdBuckets.AUTH, pairs -> {});
      writer.bucket(EtcdBuckets.AUTH_ROLES, pairs -> {});
      writer.bucket(EtcdBuckets.AUTH_USERS, pairs -> {});
      writer.bucket(
          EtcdBuckets.CLUSTER,
          pairs -> pairs.put(EtcdBuckets.CLUSTER_VERSION, EtcdBuckets.ascii(CLUSTER_VERSION)));
      writer.bucket(EtcdBuckets.KEY, pairs -> keys(capture, pairs));
      writer.bucket(EtcdBuckets.LEASE, pairs -> leases(capture, pairs));
      writer.bucket(EtcdBuckets.MEMBERS, pairs -> members(capture, pairs));
      writer.bucket(EtcdBuckets.MEMBERS_REMOVED, pairs -> removed(capture, pairs));
      writer.bucket(EtcdBuckets.META, pairs -> meta(capture, term, index, pairs));
      writer.finish();
    }
  }

  private static void alarms(StateCapture capture, BoltWriter.Pairs pairs) throws IOException {
    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Keyspace.KEY_ORDER);
    for (StoreState.Alarm alarm : capture.alarms()) {
      AlarmMember member =
          AlarmMember.newBuilder().setMemberID(alarm.member()).setAlarm(alarm.type()).build();
      sorted.put(member.toByteArray(), new byte[0]);
    }
    put(sorted, pairs);
  }

  private static void keys(StateCapture capture, BoltWriter.Pairs pairs) throws IOException {
    List<KeyVersion> versions = new ArrayList<>();
    capture
        .keyspace()
        .forEachHistory(capture.compactRevision(), capture.revision(), versions::addAll);
    versions.sort(Comparator.comparingLong(KeyVersion::modRevision));
    int from = 0;
    while (from < versions.size()) {
      long revision = versions.get(from).modRevision();
      int to = from + 1;
      while (to < versions.size() && versions.get(to).modRevision() == revision) {
        to++;
      }
      List<KeyVersion> together = versions.subList(from, to);
      inOrderOfWriting(capture.keyspace(), revision, together);
      for (int sub = 0; sub < together.size(); sub++) {
        KeyVersion version = together.get(sub);
        var place = new EtcdBuckets.Place(revision, sub, version.deleted());
        pairs.put(place.encode(), value(version));
      }
      from = to;
    }
  }

  /**
   * Watches that start in the past see a transaction's writes in their order. Before the last
   * compaction nobody can look, and any order will do.
   */
  private static void inOrderOfWriting(
      Keyspace keyspace, long revision, List<KeyVersion> together) {
    if (together.size() < 2) {
      return;
    }
    IdentityHashMap<KeyVersion, Integer> order = new IdentityHashMap<>();
    for (KeyVersion version : keyspace.written(revision)) {
      order.put(version, order.size());
    }
    together.sort(Comparator.comparingInt(version -> order.getOrDefault(version, order.size())));
  }

  private static byte[] value(KeyVersion version) {
    if (version.deleted()) {
      return KeyValue.newBuilder()
          .setKey(UnsafeByteOperations.unsafeWrap(version.key()))
          .build()
          .toByteArray();
    }
    return version.toKeyValue().toByteArray();
  }

  private static void leases(StateCapture capture, BoltWriter.Pairs pairs) throws IOException {
    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Keyspace.KEY_ORDER);
    for (LeaseTable.Grant grant : capture.leases()) {
      Lease lease = Lease.newBuilder().setID(grant.id()).setTTL(grant.seconds()).build();
      sorted.put(EtcdBuckets.number(grant.id()), lease.toByteArray());
    }
    put(sorted, pairs);
  }

  private static void members(StateCapture capture, BoltWriter.Pairs pairs) throws IOException {
    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Keyspace.KEY_ORDER);
    for (Member member : capture.members()) {
      sorted.put(EtcdBuckets.member(member.getID()), json(member).getBytes(StandardCharsets.UTF_8));
    }
    put(sorted, pairs);
  }

  private static String json(Member member) {
    StringBuilder text = new StringBuilder();
    text.append("{\"id\":").append(Long.toUnsignedString(member.getID()));
    text.append(",\"peerURLs\":").append(json(member.getPeerURLsList()));
    if (member.getIsLearner()) {
      text.append(",\"isLearner\":true");
    }
    text.append(",\"name\":").append(json(member.getName()));
    if (member.getClientURLsCount() > 0) {
      text.append(",\"clientURLs\":").append(json(member.getClientURLsList()));
    }
    return text.append('}').toString();
  }

  private static String json(List<String> texts) {
    return "[" + String.join(",", texts.stream().map(EtcdSnapshot::json).toList()) + "]";
  }

  private static String json(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      if (letter < ' ') {
        quoted.append("\\u%04x".formatted((int) letter));
      } else {
        quoted.append(letter == '"' || letter == '\\' ? "\\" : "").append(letter);
      }
    }
    return quoted.append('"').toString();
  }

  private static void removed(StateCapture capture, BoltWriter.Pairs pairs) throws IOException {
    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Keyspace.KEY_ORDER);
    for (long id : capture.removedMembers()) {
      sorted.put(EtcdBuckets.member(id), EtcdBuckets.ascii("removed"));
    }
    put(sorted, pairs);
  }

  private static void meta(StateCapture capture, long term, long index, BoltWriter.Pairs pairs)
      throws IOException {
    TreeMap<byte[], byte[]> sorted = new TreeMap<>(Keyspace.KEY_ORDER);
    sorted.put(EtcdBuckets.CONSISTENT_INDEX, EtcdBuckets.number(index));
    sorted.put(EtcdBuckets.TERM, EtcdBuckets.number(term));
    if (capture.compactRevision() > 0) {
      byte[] compacted = new EtcdBuckets.Place(capture.compactRevision(), 0, false).encode();
      sorted.put(EtcdBuckets.SCHEDULED_COMPACTION, compacted);
      sorted.put(EtcdBuckets.FINISHED_COMPACTION, compacted);
    }
    put(sorted, pairs);
  }

  private static void put(SortedMap<byte[], byte[]> sorted, BoltWriter.Pairs pairs)
      throws IOException {
    for (Map.Entry<byte[], byte[]> pair : sorted.entrySet()) {
      pairs.put(pair.getKey(), pair.getValue());
    }
  }
}
