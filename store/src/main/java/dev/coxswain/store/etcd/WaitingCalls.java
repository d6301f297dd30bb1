package dev.coxswain.store.etcd;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/** Calls that may wait long for what others do: each on a thread of its own. */
final class WaitingCalls {
  private WaitingCalls() {}

  /**
   * Runs a call, which answers by itself, and completes it.
   *
   * @param work is given whom to answer, and what is done when that client has hung up
   */
  static <R> void run(
      Executor workers,
      StreamObserver<R> observer,
      BiConsumer<ServerCallStreamObserver<R>, CompletableFuture<Void>> work) {
    ServerCallStreamObserver<R> call = (ServerCallStreamObserver<R>) observer;
    CompletableFuture<Void> gone = new CompletableFuture<>();
    call.setOnCancelHandler(() -> gone.complete(null));
    workers.execute(() -> {
      try {
        work.accept(call, gone);
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
