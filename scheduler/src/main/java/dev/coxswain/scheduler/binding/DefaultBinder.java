package dev.coxswain.scheduler.binding;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.framework.BindPlugin;
import dev.coxswain.scheduler.framework.CycleState;
import dev.coxswain.scheduler.model.PodInfo;
import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import java.time.Duration;
import java.util.Optional;

/** Binds by the pod's {@code binding} subresource. */
public final class DefaultBinder implements BindPlugin {
  /** How long to ask what became of a call that nobody answered. */
  private static final int INQUIRIES = 10;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(5);

  private final ResourceClient<Pod> pods;
  private final Time time;

  /** Binds through this client. */
  public DefaultBinder(ResourceClient<Pod> pods, Time time) {
    this.pods = pods;
    this.time = time;
  }

  @Override
  public boolean bind(CycleState state, PodInfo pod, String node) throws InterruptedException {
    Binding binding =
        new BindingBuilder()
            .withNewMetadata()
            .withNamespace(pod.key().namespace())
            .withName(pod.key().name())
            .withUid(pod.uid())
            .endMetadata()
            .withNewTarget()
            .withKind("Node")
            .withName(node)
            .endTarget()
            .build();
    try {
      pods.post(pod.key(), "binding", binding, Status.class);
    } catch (ApiException e) {
      if (isAnswer(e) || !boundAfterAll(pod, node, e)) {
        throw e;
      }
    }
    return true;
  }

  /** Whether the server decided, rather than that nobody knows what it did. */
  private static boolean isAnswer(ApiException failure) {
    return switch (failure.status().reason()) {
      case SERVICE_UNAVAILABLE, TIMEOUT, SERVER_TIMEOUT, INTERNAL_ERROR, UNKNOWN -> false;
      default -> true;
    };
  }

  /**
   * Asks what became of it: were the pod's room given away while the binding stands, its node would
   * be over-committed.
   */
  private boolean boundAfterAll(PodInfo pod, String node, ApiException failure)
      throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    for (int inquiry = 0; inquiry < INQUIRIES; inquiry++) {
      try {
        Optional<Pod> there = pods.find(pod.key());
        return there
            .filter(now -> pod.uid().equals(now.getMetadata().getUid()))
            .map(now -> node.equals(now.getSpec().getNodeName()))
            .orElse(false);
      } catch (ApiException e) {
        if (e.is(StatusReason.FORBIDDEN) || e.is(StatusReason.UNAUTHORIZED)) {
          throw failure;
        }
      }
      time.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(LAST_PAUSE) > 0 ? LAST_PAUSE : pause.multipliedBy(2);
    }
    throw failure;
  }
}
