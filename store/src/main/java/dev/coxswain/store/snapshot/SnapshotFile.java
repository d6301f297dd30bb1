package dev.coxswain.store.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.coxswain.proto.etcd.AlarmType;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.store.lease.LeaseTable;
import dev.coxswain.store.machine.Members;
import dev.coxswain.store.machine.StoreState;
import dev.coxswain.store.mvcc.KeyVersion;
import dev.coxswain.store.mvcc.Keyspace;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Checksum;

/**
 * The format of a snapshot: eight bytes of magic, the state in protobuf's primitive encodings, and
 * a CRC-32C over all before it (four bytes, big-endian). A reader builds nothing out of a file
 * whose checksum is wrong.
 */
public final class SnapshotFile {
  private static final byte[] MAGIC = {'C', 'X', 'S', 'N', 'A', 'P', '0', '1'};
  private static final int CHECKSUM_BYTES = 4;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Marks that another key follows, so that a reader needs no count up front. */
  private static final int ANOTHER_KEY = 1;

  private static final int NO_MORE_KEYS = 0;

  private SnapshotFile() {}

  /** Writes a capture; the caller flushes and closes. */
  public static void write(StateCapture capture, OutputStream target) throws IOException {
    CRC32C crc = new CRC32C();
    CheckedOutputStream checked = new CheckedOutputStream(target, crc);
    checked.write(MAGIC);
    CodedOutputStream out = CodedOutputStream.newInstance(checked, BUFFER_BYTES);
    out.writeInt64NoTag(capture.revision());
    out.writeInt64NoTag(capture.compactRevision());
    out.writeUInt32NoTag(capture.leases().size());
    for (LeaseTable.Grant lease : capture.leases()) {
      out.writeInt64NoTag(lease.id());
      out.writeInt64NoTag(lease.seconds());
    }
    out.writeUInt32NoTag(capture.members().size());
    for (Member member : capture.members()) {
      out.writeByteArrayNoTag(member.toByteArray());
    }
    out.writeUInt32NoTag(capture.removedMembers().size());
    for (long removed : capture.removedMembers()) {
      out.writeFixed64NoTag(removed);
    }
    out.writeUInt32NoTag(capture.alarms().size());
    for (StoreState.Alarm alarm : capture.alarms()) {
      out.writeFixed64NoTag(alarm.member());
      out.writeEnumNoTag(alarm.type().getNumber());
    }
    KeyWriter keys = new KeyWriter(out);
    capture.keyspace().forEachHistory(capture.compactRevision(), capture.revision(), keys::write);
    keys.finish();
    out.flush();
    DataOutputStream trailer = new DataOutputStream(target);
    trailer.writeInt((int) crc.getValue());
    trailer.flush();
  }

  /** Carries an IO failure out of the keyspace's walk, which knows of none. */
  private static final class KeyWriter {
    private final CodedOutputStream out;
    private IOException failure = new IOException("nothing failed");
    private boolean failed;

    KeyWriter(CodedOutputStream out) {
      this.out = out;
    }

    void write(List<KeyVersion> versions) {
      if (failed) {
        return;
      }
      try {
        out.writeUInt32NoTag(ANOTHER_KEY);
        out.writeByteArrayNoTag(versions.getFirst().key());
        out.writeUInt32NoTag(versions.size());
        for (KeyVersion version : versions) {
          ByteString value = version.value();
          out.writeInt64NoTag(version.modRevision());
          out.writeInt64NoTag(version.createRevision());
          out.writeInt64NoTag(version.version());
          out.writeInt64NoTag(version.lease());
          out.writeBoolNoTag(value != null);
          if (value != null) {
            out.writeBytesNoTag(value);
          }
        }
      } catch (IOException e) {
        failure = e;
        failed = true;
      }
    }

    void finish() throws IOException {
      if (failed) {
        throw failure;
      }
      out.writeUInt32NoTag(NO_MORE_KEYS);
    }
  }

  /** Checks a file's checksum without building the state. */
  public static void verify(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (InputStream in = open(file)) {
      long left = payload(file);
      byte[] buffer = new byte[BUFFER_BYTES];
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          throw new IOException("snapshot " + file + " ends early");
        }
        crc.update(buffer, 0, read);
        left -= read;
      }
      check(file, in, crc);
    }
  }

  /**
   * Reads a state back; fails on any damage.
   *
   * @throws FileSystemException when the file cannot be opened, which is no damage
   */
  public static StoreState read(Path file) throws IOException {
    try (SnapshotInput in = new SnapshotInput(file, payload(file))) {
      for (byte expected : MAGIC) {
        if (in.readByte() != expected) {
          throw new IOException(file + " is not a snapshot of this store");
        }
      }
      StoreState state = read(in);
      if (in.left() != 0 || in.trailer() != in.checksum()) {
        throw new IOException("its checksum does not match");
      }
      return state;
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new IOException("snapshot " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    return new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
  }

  private static long payload(Path file) throws IOException {
    long size = Files.size(file);
    if (size < MAGIC.length + CHECKSUM_BYTES) {
      throw new IOException("snapshot " + file + " is too short");
    }
    return size - CHECKSUM_BYTES;
  }

  private static void check(Path file, InputStream in, Checksum crc) throws IOException {
    int stored = new DataInputStream(in).readInt();
    if (stored != (int) crc.getValue()) {
      throw new IOException("snapshot " + file + " is damaged: its checksum does not match");
    }
  }

  private static StoreState read(SnapshotInput in) throws IOException {
    long revision = in.readVarint();
    long compactRevision = in.readVarint();
    LeaseTable leases = new LeaseTable();
    for (int left = in.readCount(); left > 0; left--) {
      long id = in.readVarint();
      leases.grant(id, in.readVarint());
    }
    Members members = new Members();
    for (int left = in.readCount(); left > 0; left--) {
      members.set(Member.parseFrom(in.readByteArray()));
    }
    for (int left = in.readCount(); left > 0; left--) {
      members.markRemoved(in.readFixed64());
    }
    List<StoreState.Alarm> alarms = new ArrayList<>();
    for (int left = in.readCount(); left > 0; left--) {
      long member = in.readFixed64();
      alarms.add(new StoreState.Alarm(member, AlarmType.forNumber(in.readCount())));
    }
    Keyspace.Loader loader = Keyspace.loader(revision, compactRevision);
    while (in.readCount() == ANOTHER_KEY) {
      byte[] key = in.readByteArray();
      KeyVersion newest = null;
      for (int left = in.readCount(); left > 0; left--) {
        long modRevision = in.readVarint();
        long createRevision = in.readVarint();
        long version = in.readVarint();
        long lease = in.readVarint();
        // The keyspace copies it, so that it may lie where it was read into.
        ByteString value = in.readVarint() == 0 ? null : in.readBytes();
        newest = loader.add(key, value, createRevision, modRevision, version, lease);
      }
      if (newest != null && newest.lease() != 0) {
        leases.attach(newest.lease(), newest.key());
      }
    }
    return new StoreState(loader.finish(), leases, members, alarms);
  }
}
