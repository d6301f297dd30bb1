package dev.coxswain.store.etcd;

import com.google.protobuf.ByteString;
import dev.coxswain.proto.etcd.LockGrpc;
import dev.coxswain.proto.etcd.LockRequest;
import dev.coxswain.proto.etcd.LockResponse;
import dev.coxswain.proto.etcd.RangeResponse;
import dev.coxswain.proto.etcd.ResponseHeader;
import dev.coxswain.proto.etcd.UnlockRequest;
import dev.coxswain.proto.etcd.UnlockResponse;
import dev.coxswain.store.error.StoreError;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Executor;

/** v3lockpb.Lock: who is first in the line of a name holds its lock. */
final class LockService extends LockGrpc.LockImplBase {
  private final Line line;
  private final Stamp stamp;
  private final Executor workers;

  LockService(Line line, Stamp stamp, Executor workers) {
    this.line = line;
    this.stamp = stamp;
    this.workers = workers;
  }

  @Override
  public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
    WaitingCalls.run(workers, observer, caller -> lock(request, caller).ifPresent(caller::answer));
  }

  private Optional<LockResponse> lock(LockRequest request, Caller<?> caller) {
    Line.Place place = line.enter(request.getName(), request.getLease(), ByteString.EMPTY);
    Optional<ResponseHeader> header =
        place.first() ? Optional.of(place.header()) : afterOthers(place, caller);
    if (header.isEmpty() || caller.isGone()) {
      // Nobody is there to unlock it.
      line.delete(place.key());
      return Optional.empty();
    }
    return header.map(seen ->
        LockResponse.newBuilder().setHeader(stamp.header(seen)).setKey(place.key()).build());
  }

  private Optional<ResponseHeader> afterOthers(Line.Place place, Caller<?> caller) {
    try {
      if (line.untilFirst(place, caller).isEmpty()) {
        return Optional.empty();
      }
    } catch (RuntimeException failure) {
      line.delete(place.key());
      throw failure;
    }
    RangeResponse still = line.at(place.key());
    if (still.getKvsCount() == 0) {
      throw StoreError.SESSION_EXPIRED.exception();
    }
    return Optional.of(still.getHeader());
  }

  @Override
  public void unlock(UnlockRequest request, StreamObserver<UnlockResponse> observer) {
    WaitingCalls.run(
        workers,
        observer,
        caller ->
            caller.answer(
                UnlockResponse.newBuilder()
                    .setHeader(stamp.header(line.delete(request.getKey())))
                    .build()));
  }
}
