package dev.coxswain.store.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ReadGateTest {
  private final Queue<CompletableFuture<Void>> confirmations = new ArrayDeque<>();
  private boolean broken;
  private final ReadGate gate = new ReadGate(this::confirm);

  private CompletableFuture<Void> confirm() {
    if (broken) {
      throw new UncheckedIOException("the certificates cannot be read", new IOException("busy"));
    }
    CompletableFuture<Void> confirmation = new CompletableFuture<>();
    confirmations.add(confirmation);
    return confirmation;
  }

  @Test
  void whoComesWhileOthersAreConfirmedSharesTheNextConfirmation() {
    CompletableFuture<Void> first = gate.pass();
    CompletableFuture<Void> second = gate.pass();
    CompletableFuture<Void> third = gate.pass();
    assertThat(confirmations).hasSize(1);
    confirmations.remove().complete(null);
    assertThat(first).isCompleted();
    assertThat(second).isNotDone();
    assertThat(confirmations).hasSize(1);
    confirmations.remove().complete(null);
    assertThat(second).isCompleted();
    assertThat(third).isCompleted();
  }

  @Test
  void aConfirmationThatCannotEvenBeAskedForHoldsUpNobodyAfterIt() {
    broken = true;
    assertThat(gate.pass()).isCompletedExceptionally();
    broken = false;
    CompletableFuture<Void> next = gate.pass();
    assertThat(confirmations).hasSize(1);
    confirmations.remove().complete(null);
    assertThat(next).isCompleted();
  }
}
