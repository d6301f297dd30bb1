package dev.coxswain.store.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Calls that may wait long for what others do: each on a thread of its own. */
final class WaitingCalls {
  private WaitingCalls() {}

  /**
   * Runs a call, which answers by itself, and completes it.
   *
   * @param work is given whom to answer
   */
  static <R> void run(Executor workers, StreamObserver<R> observer, Consumer<Caller<R>> work) {
    ServerCallStreamObserver<R> call = (ServerCallStreamObserver<R>) observer;
    Caller<R> caller = new Caller<>(call);
    workers.execute(() -> {
      try {
        work.accept(caller);
        if (!call.isCancelled()) {
          call.onCompleted();
        }
      } catch (RuntimeException failure) {
        if (!call.isCancelled()) {
          call.onError(Answers.status(failure));
        }
      }
    });
  }
}
