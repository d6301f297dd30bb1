package dev.coxswain.store.machine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.coxswain.proto.etcd.AlarmRequest;
import dev.coxswain.proto.etcd.CompactionRequest;
import dev.coxswain.proto.etcd.DeleteRangeRequest;
import dev.coxswain.proto.etcd.LeaseGrantRequest;
import dev.coxswain.proto.etcd.LeaseRevokeRequest;
import dev.coxswain.proto.etcd.Member;
import dev.coxswain.proto.etcd.PutRequest;
import dev.coxswain.proto.etcd.TxnRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch of operations as one log entry: a format byte, then for each operation its kind (one
 * byte), its length (varint) and its wire request.
 */
public final class OperationCodec {
  /** The only format so far; a member that meets another refuses to go on. */
  private static final byte FORMAT = 1;

  /** Nested transactions deeper than this are refused on entry, so never met here. */
  private static final int RECURSION_LIMIT = 64;

  private OperationCodec() {}

  /** Bytes that an operation takes in a batch. */
  public static int size(Operation operation) {
    int length = body(operation).getSerializedSize();
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(length) + length;
  }

  /** Writes a batch. */
  public static byte[] encode(List<Operation> operations) {
    int size = 1;
    for (Operation operation : operations) {
      size += size(operation);
    }
    byte[] bytes = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.write(FORMAT);
      for (Operation operation : operations) {
        MessageLite body = body(operation);
        out.write(kind(operation));
        out.writeUInt32NoTag(body.getSerializedSize());
        body.writeTo(out);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("a batch did not fit its computed size " + size, e);
    }
    return bytes;
  }

  /** Reads a batch. The operations share its bytes, which nobody may change any more. */
  public static List<Operation> decode(ByteString bytes) throws IOException {
    CodedInputStream in = bytes.newCodedInput();
    in.enableAliasing(true);
    in.setRecursionLimit(RECURSION_LIMIT);
    byte format = in.readRawByte();
    if (format != FORMAT) {
      throw new IOException("log entry of unknown format " + format + "; is this member too old?");
    }
    List<Operation> operations = new ArrayList<>();
    while (!in.isAtEnd()) {
      byte kind = in.readRawByte();
      int limit = in.pushLimit(in.readUInt32());
      operations.add(read(kind, in));
      in.checkLastTagWas(0);
      in.popLimit(limit);
    }
    return operations;
  }

  private static byte kind(Operation operation) {
    return switch (operation) {
      case Operation.Put ignored -> 1;
      case Operation.DeleteRange ignored -> 2;
      case Operation.Txn ignored -> 3;
      case Operation.Compact ignored -> 4;
      case Operation.LeaseGrant ignored -> 5;
      case Operation.LeaseRevoke ignored -> 6;
      case Operation.Alarm ignored -> 7;
      case Operation.MemberSet ignored -> 8;
      case Operation.MemberRemove ignored -> 9;
      case Operation.MemberAdd ignored -> 10;
      case Operation.MemberUpdate ignored -> 11;
      case Operation.MemberPromote ignored -> 12;
    };
  }

  private static MessageLite body(Operation operation) {
    return switch (operation) {
      case Operation.Put put -> put.request();
      case Operation.DeleteRange delete -> delete.request();
      case Operation.Txn txn -> txn.request();
      case Operation.Compact compact -> compact.request();
      case Operation.LeaseGrant grant -> grant.request();
      case Operation.LeaseRevoke revoke -> revoke.request();
      case Operation.Alarm alarm -> alarm.request();
      case Operation.MemberSet set -> set.member();
      case Operation.MemberRemove remove -> remove.member();
      case Operation.MemberAdd add -> add.member();
      case Operation.MemberUpdate update -> update.member();
      case Operation.MemberPromote promote -> promote.member();
    };
  }

  private static Operation read(byte kind, CodedInputStream in) throws IOException {
    return switch (kind) {
      case 1 -> new Operation.Put(PutRequest.parseFrom(in));
      case 2 -> new Operation.DeleteRange(DeleteRangeRequest.parseFrom(in));
      case 3 -> new Operation.Txn(TxnRequest.parseFrom(in));
      case 4 -> new Operation.Compact(CompactionRequest.parseFrom(in));
      case 5 -> new Operation.LeaseGrant(LeaseGrantRequest.parseFrom(in));
      case 6 -> new Operation.LeaseRevoke(LeaseRevokeRequest.parseFrom(in));
      case 7 -> new Operation.Alarm(AlarmRequest.parseFrom(in));
      case 8 -> new Operation.MemberSet(Member.parseFrom(in));
      case 9 -> new Operation.MemberRemove(Member.parseFrom(in));
      case 10 -> new Operation.MemberAdd(Member.parseFrom(in));
      case 11 -> new Operation.MemberUpdate(Member.parseFrom(in));
      case 12 -> new Operation.MemberPromote(Member.parseFrom(in));
      default -> throw new IOException("log entry with an operation of unknown kind " + kind);
    };
  }
}
