package dev.coxswain.store.raft;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.coxswain.proto.etcd.AlarmResponse;
import dev.coxswain.proto.etcd.CompactionResponse;
import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.LeaseGrantResponse;
import dev.coxswain.proto.etcd.LeaseRevokeResponse;
import dev.coxswain.proto.etcd.MemberAddResponse;
import dev.coxswain.proto.etcd.MemberPromoteResponse;
import dev.coxswain.proto.etcd.MemberRemoveResponse;
import dev.coxswain.proto.etcd.MemberUpdateResponse;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.proto.etcd.TxnResponse;
import dev.coxswain.store.error.StoreError;
import dev.coxswain.store.machine.Operation;
import dev.coxswain.store.machine.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletionException;

/**
 * What members ask each other beside Raft, on the peer port: one kind byte, then the body. Answers
 * start with {@link #DONE}, or with {@link #REFUSED} and the name of a {@link StoreError}, or with
 * {@link #NOT_LEADING}, or with {@link #FAILED} and what happened.
 */
final class PeerCall {
  /** Replicate an operation. */
  static final byte WRITE = 1;

  /** How far the log must have been applied for a read as of now. */
  static final byte READ_INDEX = 2;

  /** Renew a lease. */
  static final byte KEEP_ALIVE = 4;

  /** How long a lease has left. */
  static final byte TIME_TO_LIVE = 5;

  /** Which cluster is this: for a member about to join. */
  static final byte CLUSTER = 6;

  /** Answer a linearizable range of one key. */
  static final byte GET = 7;

  /** Let this member in. */
  static final byte JOIN = 8;

  /** Check and carry out a change of the members. */
  static final byte CHANGE_MEMBERS = 9;

  /** Which term it is. Answered by anyone. */
  static final byte TERM = 10;

  /** Answer with the members as of now. */
  static final byte MEMBERS = 11;

  /** Whether that leader is gone, and how new the log there is. Answered by anyone. */
  static final byte LOSS = 12;

  static final byte DONE = 0;
  static final byte REFUSED = 1;
  static final byte NOT_LEADING = 2;
  static final byte FAILED = 3;

  private PeerCall() {}

  static byte[] frame(byte head, byte[] body) {
    byte[] frame = new byte[body.length + 1];
    frame[0] = head;
    System.arraycopy(body, 0, frame, 1, body.length);
    return frame;
  }

  static byte[] frame(byte head, MessageLite body) {
    byte[] frame = new byte[body.getSerializedSize() + 1];
    frame[0] = head;
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(frame, 1, frame.length - 1);
      body.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("a message did not fit its computed size", e);
    }
    return frame;
  }

  static byte[] refusal(StoreError error) {
    return frame(REFUSED, error.name().getBytes(StandardCharsets.UTF_8));
  }

  static byte[] failure(Throwable failure) {
    return frame(FAILED, failure.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the answer is small, so that it holds up no others on a shared stream. */
  static boolean isSmall(byte[] request) {
    return switch (request[0]) {
      case WRITE, READ_INDEX, KEEP_ALIVE, TIME_TO_LIVE, GET, TERM, MEMBERS, LOSS -> true;
      default -> false;
    };
  }

  static byte[] number(byte head, long number) {
    byte[] body = new byte[1 + Long.BYTES];
    body[0] = head;
    for (int i = 0; i < Long.BYTES; i++) {
      body[i + 1] = (byte) (number >>> (8 * i));
    }
    return body;
  }

  static long number(byte[] frame) {
    long number = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      number |= (frame[i + 1] & 0xFFL) << (8 * i);
    }
    return number;
  }

  static byte[] finding(LeaderLoss.Finding finding) {
    return ByteBuffer.allocate(2 + 2 * Long.BYTES)
        .put(DONE)
        .put((byte) (finding.gone() ? 1 : 0))
        .putLong(finding.standing().term())
        .putLong(finding.standing().index())
        .array();
  }

  static LeaderLoss.Finding finding(byte[] answer) {
    ByteBuffer body = ByteBuffer.wrap(answer, 1, answer.length - 1);
    return new LeaderLoss.Finding(
        body.get() != 0, new LeaderLoss.Standing(body.getLong(), body.getLong()));
  }

  static CodedInputStream body(byte[] frame) {
    return CodedInputStream.newInstance(frame, 1, frame.length - 1);
  }

  /** Throws what an answer refuses with; returns it otherwise. */
  static byte[] accepted(byte[] answer) {
    return switch (answer[0]) {
      case DONE -> answer;
      case REFUSED -> throw error(answer).exception();
      case NOT_LEADING -> throw new NotLeading();
      case FAILED -> throw new IllegalStateException("the leader failed: " + text(answer));
      default ->
          throw new IllegalStateException("a peer answered with an unknown kind " + answer[0]);
    };
  }

  private static StoreError error(byte[] answer) {
    return StoreError.valueOf(text(answer));
  }

  private static String text(byte[] answer) {
    return new String(Arrays.copyOfRange(answer, 1, answer.length), StandardCharsets.UTF_8);
  }

  static byte[] outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> frame(DONE, done.response());
      case Outcome.Refused refused -> refusal(refused.error());
    };
  }

  /** Reads an answer. */
  interface Decoding<T> {
    T decode() throws IOException;
  }

  /** What an answer says; fails as a future does where it cannot be read. */
  static <T> T decode(Decoding<T> decoding) {
    try {
      return decoding.decode();
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  /** The response to an operation that another member carried out. */
  static Message response(Operation operation, byte[] answer)
      throws InvalidProtocolBufferException {
    CodedInputStream in = body(accepted(answer));
    try {
      return switch (operation) {
        case Operation.Put ignored -> PutResponse.parseFrom(in);
        case Operation.DeleteRange ignored -> DeleteRangeResponse.parseFrom(in);
        case Operation.Txn ignored -> TxnResponse.parseFrom(in);
        case Operation.Compact ignored -> CompactionResponse.parseFrom(in);
        case Operation.LeaseGrant ignored -> LeaseGrantResponse.parseFrom(in);
        case Operation.LeaseRevoke ignored -> LeaseRevokeResponse.parseFrom(in);
        case Operation.Alarm ignored -> AlarmResponse.parseFrom(in);
        case Operation.MemberSet ignored -> MemberAddResponse.parseFrom(in);
        case Operation.MemberRemove ignored -> MemberRemoveResponse.parseFrom(in);
        case Operation.MemberAdd ignored -> MemberAddResponse.parseFrom(in);
        case Operation.MemberUpdate ignored -> MemberUpdateResponse.parseFrom(in);
        case Operation.MemberPromote ignored -> MemberPromoteResponse.parseFrom(in);
      };
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("an answer in memory could not be read", e);
    }
  }
}
