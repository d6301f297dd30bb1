package dev.coxswain.bench.node;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Does the same for many pods at the same time. */
final class Together {
  private Together() {}

  /**
   * Runs one task for each number on a thread of its own; returns what they gave, in order.
   *
   * @throws IllegalStateException with the first failure
   */
  static <R> List<R> each(int count, IntFunction<R> task) throws InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<R>> begun = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        begun.add(threads.submit(() -> task.apply(number)));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> one : begun) {
        results.add(one.get());
      }
      return results;
    } catch (ExecutionException failure) {
      throw new IllegalStateException(failure.getCause());
    }
  }
}
