package dev.coxswain.apiserver.connect;

import dev.coxswain.apiserver.http.BodyBudget;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** What one answer holds of the memory that all answers may hold. */
final class AnswerShare implements AutoCloseable {
  private final BodyBudget budget;
  private final AtomicLong bytes = new AtomicLong();

  AnswerShare(BodyBudget budget) {
    this.budget = budget;
  }

  /** There is no room for more. */
  static final class ExhaustedException extends IOException {
    private static final long serialVersionUID = 1L;

    ExhaustedException() {
      super("the answers of all calls at once are too large to be held");
    }
  }

  void take(int more) throws ExhaustedException {
    if (!budget.take(more)) {
      throw new ExhaustedException();
    }
    bytes.addAndGet(more);
  }

  @Override
  public void close() {
    budget.giveBack(bytes.getAndSet(0));
  }
}
