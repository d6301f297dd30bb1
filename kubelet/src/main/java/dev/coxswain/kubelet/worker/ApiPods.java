package dev.coxswain.kubelet.worker;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.kubelet.manifest.Mirrors;
import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.kubelet.pod.Conditions;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.ResourceClient;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the kubelet writes of pods: their status and, at the end, their deletion. */
final class ApiPods implements PodWorker.StatusSink, PodActions.PodDeleter {
  private static final Logger LOG = LoggerFactory.getLogger(ApiPods.class);

  /** Writers of other conditions may come in between; they do not come that often. */
  private static final int ATTEMPTS = 5;

  private final ResourceClient<Pod> pods;
  private final Mirrors mirrors;

  ApiPods(ApiClient api, Mirrors mirrors) {
    this.pods = api.resource(Pod.class);
    this.mirrors = mirrors;
  }

  @Override
  public boolean write(Pod decided, PodStatus status) {
    ObjectKey key = key(decided);
    try {
      Optional<Pod> written = StaticPod.is(decided) ? mirrors.of(decided) : Optional.of(decided);
      if (written.isEmpty()) {
        return false;
      }
      Pod pod = written.get();
      Optional<Pod> current = written;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (current.isEmpty() || !same(current.get(), pod)) {
          return true;
        }
        try {
          pods.updateStatus(
              new PodBuilder(current.get())
                  .withStatus(merge(current.get().getStatus(), status))
                  .build());
          return true;
        } catch (ApiException failure) {
          if (failure.is(StatusReason.NOT_FOUND)) {
            return true;
          }
          if (!failure.is(StatusReason.CONFLICT)) {
            throw failure;
          }
        }
        current = pods.find(key);
      }
      return false;
    } catch (ApiException failure) {
      LOG.warn("Status of pod {} is not written yet: {}", key, failure.getMessage());
      return false;
    }
  }

  @Override
  public Optional<String> delete(Pod pod) {
    try {
      pods.delete(key(pod), new DeleteOptions(0L, pod.getMetadata().getUid(), null, null));
      return Optional.empty();
    } catch (ApiException failure) {
      if (failure.is(StatusReason.NOT_FOUND) || failure.is(StatusReason.CONFLICT)) {
        // Gone, or another pod has its name by now.
        return Optional.empty();
      }
      return Optional.of(String.valueOf(failure.getMessage()));
    }
  }

  /** Conditions that others wrote since the decision stay as they are. */
  private static PodStatus merge(
      @org.jspecify.annotations.Nullable PodStatus current, PodStatus decided) {
    if (current == null) {
      return decided;
    }
    return new PodStatusBuilder(decided)
        .withConditions(Conditions.adopt(decided.getConditions(), current.getConditions()))
        .withNominatedNodeName(current.getNominatedNodeName())
        .build();
  }

  private static boolean same(Pod one, Pod other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }

  private static ObjectKey key(Pod pod) {
    ObjectMeta meta = pod.getMetadata();
    return new ObjectKey(meta.getNamespace(), meta.getName());
  }
}
