package dev.coxswain.store.raft;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteOutput;

/** Bytes of Ratis' own copy of protobuf as those of ours: the same arrays, not copies of them. */
final class EntryBytes extends ByteOutput {
  private ByteString taken = ByteString.EMPTY;

  private EntryBytes() {}

  /** The same bytes; both are immutable. */
  static ByteString of(org.apache.ratis.thirdparty.com.google.protobuf.ByteString bytes) {
    EntryBytes output = new EntryBytes();
    try {
      org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations.unsafeWriteTo(
          bytes, output);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory could not be read", e);
    }
    return output.taken;
  }

  @Override
  public void write(byte value) {
    taken = taken.concat(ByteString.copyFrom(new byte[] {value}));
  }

  @Override
  public void write(byte[] value, int offset, int length) {
    taken = taken.concat(ByteString.copyFrom(value, offset, length));
  }

  @Override
  public void write(ByteBuffer value) {
    taken = taken.concat(ByteString.copyFrom(value));
  }

  @Override
  public void writeLazy(byte[] value, int offset, int length) {
    taken = taken.concat(UnsafeByteOperations.unsafeWrap(value, offset, length));
  }

  @Override
  public void writeLazy(ByteBuffer value) {
    taken = taken.concat(UnsafeByteOperations.unsafeWrap(value));
  }
}
