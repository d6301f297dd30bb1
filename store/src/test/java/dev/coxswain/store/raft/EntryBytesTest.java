package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.junit.jupiter.api.Test;

/** Ratis' bytes are ours, however they are put together. */
final class EntryBytesTest {
  private static byte[] numbered(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static void sameBytes(ByteString ratis) {
    assertThat(EntryBytes.of(ratis).toByteArray()).isEqualTo(ratis.toByteArray());
  }

  @Test
  void anyKindOfBytesIsTheSame() {
    byte[] bytes = numbered(1_000);
    sameBytes(ByteString.EMPTY);
    sameBytes(ByteString.copyFrom(bytes));
    sameBytes(UnsafeByteOperations.unsafeWrap(bytes, 100, 300));
    sameBytes(ByteString.copyFrom(bytes).substring(10, 900));
    sameBytes(ByteString.copyFrom(bytes).concat(ByteString.copyFrom(bytes)));
    sameBytes(
        UnsafeByteOperations.unsafeWrap(ByteBuffer.allocateDirect(500).put(bytes, 0, 500).flip()));
    sameBytes(UnsafeByteOperations.unsafeWrap(ByteBuffer.wrap(bytes).asReadOnlyBuffer()));
  }

  @Test
  void oneArrayIsShared() {
    byte[] bytes = numbered(10);
    var shared = EntryBytes.of(UnsafeByteOperations.unsafeWrap(bytes));
    bytes[3] = 42;
    assertThat(shared.byteAt(3)).isEqualTo((byte) 42);
  }
}
