package dev.coxswain.kubelet.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class OwnThreadTest {
  private final CountDownLatch never = new CountDownLatch(1);
  private final CountDownLatch working = new CountDownLatch(1);

  @Test
  void workIsDoneOnAThreadThatCarriesNothingElse() throws Exception {
    CompletableFuture<Boolean> virtual = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            virtual.complete(OwnThread.call("own", () -> Thread.currentThread().isVirtual()));
          } catch (ExecutionException failed) {
            virtual.completeExceptionally(failed);
          }
        });
    assertThat(virtual.get(1, TimeUnit.MINUTES)).isFalse();
  }

  @Test
  void whatTheWorkFailsWithIsTold() {
    IOException failure = new IOException("full");
    assertThatThrownBy(() ->
            OwnThread.call(
                "own",
                () -> {
                  throw failure;
                }))
        .hasCause(failure);
  }

  @Test
  void anInterruptReachesTheWorkWhichIsWaitedFor() throws Exception {
    CompletableFuture<String> end = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                String said = OwnThread.call("own", this::work);
                end.complete(said + ", " + Thread.currentThread().isInterrupted());
              } catch (ExecutionException failed) {
                end.completeExceptionally(failed);
              }
            });
    assertThat(working.await(1, TimeUnit.MINUTES)).isTrue();
    caller.interrupt();
    assertThat(end.get(1, TimeUnit.MINUTES)).isEqualTo("broken off, true");
  }

  private String work() throws Exception {
    working.countDown();
    try {
      never.await();
      return "done";
    } catch (InterruptedException interrupted) {
      return "broken off";
    }
  }
}
