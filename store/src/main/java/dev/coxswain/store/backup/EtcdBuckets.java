package dev.coxswain.store.backup;

import dev.coxswain.store.member.Identity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The buckets of etcd's database (schema of 3.4 to 3.6) and how their keys are written. */
final class EtcdBuckets {
  static final String ALARM = "alarm";
  static final String AUTH = "auth";
  static final String AUTH_ROLES = "authRoles";
  static final String AUTH_USERS = "authUsers";
  static final String CLUSTER = "cluster";
  static final String KEY = "key";
  static final String LEASE = "lease";
  static final String MEMBERS = "members";
  static final String MEMBERS_REMOVED = "members_removed";
  static final String META = "meta";

  static final byte[] CONSISTENT_INDEX = ascii("consistent_index");
  static final byte[] TERM = ascii("term");
  static final byte[] FINISHED_COMPACTION = ascii("finishedCompactRev");
  static final byte[] SCHEDULED_COMPACTION = ascii("scheduledCompactRev");
  static final byte[] CLUSTER_VERSION = ascii("clusterVersion");

  /** Main revision, an underscore, the place within it. */
  static final int REVISION_BYTES = 8 + 1 + 8;

  /** ... and this letter when the key was deleted. */
  private static final byte TOMBSTONE = 't';

  private EtcdBuckets() {}

  /** A place in the key bucket. */
  record Place(long revision, long sub, boolean tombstone) {
    byte[] encode() {
      ByteBuffer key = ByteBuffer.allocate(REVISION_BYTES + (tombstone ? 1 : 0));
      key.putLong(revision).put((byte) '_').putLong(sub);
      if (tombstone) {
        key.put(TOMBSTONE);
      }
      return key.array();
    }

    static Place decode(byte[] key) throws java.io.IOException {
      boolean tombstone = key.length == REVISION_BYTES + 1 && key[REVISION_BYTES] == TOMBSTONE;
      if (key.length != REVISION_BYTES && !tombstone) {
        throw new java.io.IOException("the snapshot has a revision of " + key.length + " bytes");
      }
      ByteBuffer buffer = ByteBuffer.wrap(key);
      return new Place(buffer.getLong(0), buffer.getLong(9), tombstone);
    }
  }

  static byte[] number(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /** Sixteen hexadecimal digits, as etcd names members in its files. */
  static byte[] member(long id) {
    String text = Identity.text(id);
    return ascii("0".repeat(16 - text.length()) + text);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
