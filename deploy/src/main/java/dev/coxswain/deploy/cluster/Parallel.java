package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does independent steps at once; the first failure is the failure of all, when all have ended. */
final class Parallel {
  private Parallel() {}

  static void run(List<Runnable> steps) {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      steps.forEach(step -> running.add(executor.submit(step)));
      for (Future<?> step : running) {
        step.get();
      }
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof CoxException known) {
        throw known;
      }
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CoxException("interrupted", interrupted);
    }
  }

  static <T> void forEach(List<? extends T> items, Consumer<T> step) {
    run(items.stream().<Runnable>map(item -> () -> step.accept(item)).toList());
  }
}
