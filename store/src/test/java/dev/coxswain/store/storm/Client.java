package dev.coxswain.store.storm;

import dev.coxswain.proto.etcd.DeleteRangeResponse;
import dev.coxswain.proto.etcd.KVGrpc;
import dev.coxswain.proto.etcd.PutResponse;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.store.history.Answer;
import dev.coxswain.store.history.Call;
import dev.coxswain.store.history.Change;
import dev.coxswain.store.history.Request;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One client: one call at a time, to one member until that fails; writes down what came of it. */
final class Client implements AutoCloseable {
  private static final int CALL_MILLIS = 3_000;

  private final int number;
  private final Time time;
  private final Randomness random;
  private final Collection<Call> record;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private int member;

  Client(int number, Fleet fleet, Time time, Randomness random, Collection<Call> record) {
    this.number = number;
    this.time = time;
    this.random = random;
    this.record = record;
    for (int i = 0; i < Fleet.SIZE; i++) {
      channels.add(fleet.connect(i));
    }
    use((int) random.below(Fleet.SIZE));
  }

  /** Talks to this member from now on, until a call fails. */
  void use(int wanted) {
    member = wanted;
    // Not to wait, after a member's death, for longer and longer before it is tried again.
    channel().resetConnectBackoff();
  }

  ManagedChannel channel() {
    return channels.get(member);
  }

  /** Makes a call and writes it down. */
  Answer call(Request request) {
    long asked = time.nanos();
    Answer answer;
    try {
      answer = send(request);
    } catch (StatusRuntimeException e) {
      answer = failed(e.getStatus());
    }
    record.add(new Call(number, asked, time.nanos(), request, answer));
    return answer;
  }

  private Answer send(Request request) {
    KVGrpc.KVBlockingStub store =
        KVGrpc.newBlockingStub(channel()).withDeadlineAfter(CALL_MILLIS, TimeUnit.MILLISECONDS);
    return switch (request) {
      case Request.Read read -> Codec.found(store.range(Codec.range(read)));
      case Request.Write(var guards, var changes) when guards.isEmpty() && changes.size() == 1 ->
          switch (changes.getFirst()) {
            case Change.Put put -> {
              PutResponse response = store.put(Codec.put(put));
              yield new Answer.Written(
                  response.getHeader().getRevision(),
                  response.hasPrevKv() ? List.of(Codec.entry(response.getPrevKv())) : List.of());
            }
            case Change.Delete delete -> {
              DeleteRangeResponse response = store.deleteRange(Codec.delete(delete));
              yield new Answer.Written(
                  response.getHeader().getRevision(),
                  response.getPrevKvsList().stream().map(Codec::entry).toList());
            }
          };
      case Request.Write write -> Codec.answer(store.txn(Codec.txn(write)));
    };
  }

  /** A failure moves the client on to another member. */
  Answer failed(Status status) {
    use((int) random.below(Fleet.SIZE));
    String reason = status.getCode() + " " + status.getDescription();
    // What it says of these it must keep: nothing of it was done, nor ever will be.
    boolean refused =
        switch (status.getCode()) {
          case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, OUT_OF_RANGE, RESOURCE_EXHAUSTED ->
              true;
          case UNAVAILABLE -> "etcdserver: no leader".equals(status.getDescription());
          default -> false;
        };
    return refused ? new Answer.Refused(reason) : new Answer.Unknown(reason);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
