package dev.coxswain.store.etcd;

import dev.coxswain.store.error.StoreException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns futures into gRPC answers. */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  /** Answers a unary call with what the future brings. */
  static <T, R> void send(
      CompletableFuture<T> future, Function<T, R> response, StreamObserver<R> observer) {
    var _ =
        future
            .thenApply(response)
            .whenComplete((answer, failure) -> {
              if (failure == null) {
                observer.onNext(answer);
                observer.onCompleted();
              } else {
                observer.onError(status(failure));
              }
            });
  }

  /** Runs a refusable piece of work and answers with its refusal if it has one. */
  static void guard(StreamObserver<?> observer, Runnable work) {
    try {
      work.run();
    } catch (StoreException e) {
      observer.onError(status(e));
    }
  }

  /** An exception as clients get it. */
  static StatusRuntimeException status(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof StoreException refused) {
      return Status.fromCode(refused.error().code())
          .withDescription(refused.error().message())
          .asRuntimeException();
    }
    if (cause instanceof StatusRuntimeException already) {
      return already;
    }
    LOG.error("a request failed for a reason of our own", cause);
    return Status.INTERNAL.withDescription("etcdserver: " + cause).asRuntimeException();
  }
}
