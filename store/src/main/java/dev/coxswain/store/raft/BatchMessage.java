package dev.coxswain.store.raft;

import dev.coxswain.store.machine.OperationCodec;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** A batch as Ratis carries it; on the proposing leader it keeps the way back to who asked. */
record BatchMessage(Batch batch, ByteString content) implements Message {
  static BatchMessage of(Batch batch) {
    return new BatchMessage(
        batch, UnsafeByteOperations.unsafeWrap(OperationCodec.encode(batch.operations())));
  }

  @Override
  public ByteString getContent() {
    return content;
  }
}
