package dev.coxswain.controllers.manager;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the actions of one controller need around the API client. */
record ManagedSupport(
    String controller,
    ControllerManager.EventSink events,
    ManagerMetrics metrics,
    Randomness randomness)
    implements ApiActions.Support {
  private static final Logger LOG = LoggerFactory.getLogger(ManagedSupport.class);

  @Override
  public void acted(String verb, HasMetadata object, String failure) {
    metrics.acted(controller, verb, object.getKind(), failure.isEmpty());
    if (LOG.isDebugEnabled()) {
      LOG.debug("{}: {} {} {} {}", controller, verb, object.getKind(), Meta.key(object), failure);
    }
  }

  @Override
  public void event(HasMetadata about, boolean warning, String reason, String message) {
    events.event(controller, about, warning, reason, message);
  }

  /** One virtual thread each; the callers bound how many. */
  @Override
  public List<RuntimeException> together(List<Runnable> calls) {
    var failures = new ArrayList<RuntimeException>();
    if (calls.size() == 1) {
      run(calls.getFirst(), failures);
      return failures;
    }
    List<Thread> threads =
        calls.stream().map(call -> Thread.ofVirtual().start(() -> run(call, failures))).toList();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new ApiException(StatusReason.TIMEOUT, "stopped while calls were under way");
      }
    }
    return failures;
  }

  private static void run(Runnable call, List<RuntimeException> failures) {
    try {
      call.run();
    } catch (RuntimeException failed) {
      synchronized (failures) {
        failures.add(failed);
      }
    }
  }
}
