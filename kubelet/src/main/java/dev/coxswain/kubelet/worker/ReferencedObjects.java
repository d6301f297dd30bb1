package dev.coxswain.kubelet.worker;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches each ConfigMap and Secret that a volume of the node's pods shows, one by one because a
 * node may read no others, and tells when one changes. Thread-safe.
 */
public final class ReferencedObjects implements Informer.Handler<Pod> {
  /** Beyond this, changes are found by the volumes' periodic refresh alone. */
  private static final int MOST_WATCHES = 500;

  private final Source source;
  private final Consumer<HasMetadata> changed;
  private final Consumer<String> due;
  private final Map<Reference, Watched> watches = new HashMap<>();
  private boolean closed;

  /** An object that a pod shows. */
  public record Reference(Class<? extends HasMetadata> type, String namespace, String name) {}

  /** Opens informers. */
  public interface Source {
    /** An informer on the one object, not yet started. */
    <T extends HasMetadata> Informer<T> one(Class<T> type, ObjectKey key);
  }

  private record Watched(Informer<?> informer, Set<String> pods) {}

  /**
   * Watches what pods refer to.
   *
   * @param changed is told of each object that changed
   * @param due is told the uids of the pods that show it
   */
  public ReferencedObjects(Source source, Consumer<HasMetadata> changed, Consumer<String> due) {
    this.source = source;
    this.changed = changed;
    this.due = due;
  }

  @Override
  public void added(Pod pod) {
    if (!StaticPod.isMirror(pod)) {
      follow(pod.getMetadata().getUid(), ended(pod) ? Set.of() : references(pod));
    }
  }

  @Override
  public void updated(Pod before, Pod after) {
    // What volumes show never changes; only the pod's end does.
    if (ended(after) && !ended(before)) {
      follow(after.getMetadata().getUid(), Set.of());
    }
  }

  @Override
  public void deleted(Pod last) {
    follow(last.getMetadata().getUid(), Set.of());
  }

  /** Ends all watches. */
  public synchronized void close() {
    closed = true;
    watches.values().forEach(watched -> watched.informer().close());
    watches.clear();
  }

  private synchronized void follow(String uid, Set<Reference> wanted) {
    if (closed) {
      return;
    }
    watches
        .entrySet()
        .removeIf(entry -> {
          Set<String> pods = entry.getValue().pods();
          if (!wanted.contains(entry.getKey()) && pods.remove(uid) && pods.isEmpty()) {
            entry.getValue().informer().close();
            return true;
          }
          return false;
        });
    for (Reference reference : wanted) {
      @Nullable Watched known = watches.get(reference);
      if (known != null) {
        known.pods().add(uid);
      } else if (watches.size() < MOST_WATCHES) {
        watches.put(
            reference, new Watched(open(reference, reference.type()), new HashSet<>(Set.of(uid))));
      }
    }
  }

  private <T extends HasMetadata> Informer<T> open(Reference reference, Class<T> type) {
    Informer<T> informer = source.one(type, new ObjectKey(reference.namespace(), reference.name()));
    informer.handle(
        new Informer.Handler<>() {
          @Override
          public void added(T object) {
            // The first look tells nothing new, unless the object came after the pod.
            tell(reference, object);
          }

          @Override
          public void updated(T before, T after) {
            tell(reference, after);
          }

          @Override
          public void deleted(T last) {}
        });
    informer.start();
    return informer;
  }

  private void tell(Reference reference, HasMetadata object) {
    Set<String> pods;
    synchronized (this) {
      @Nullable Watched watched = watches.get(reference);
      pods = watched == null ? Set.of() : Set.copyOf(watched.pods());
    }
    changed.accept(object);
    pods.forEach(due);
  }

  private static boolean ended(Pod pod) {
    return pod.getStatus() != null && PodDecider.terminal(pod.getStatus());
  }

  static Set<Reference> references(Pod pod) {
    String namespace = pod.getMetadata().getNamespace();
    Set<Reference> found = new HashSet<>();
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getConfigMap() != null) {
        found.add(new Reference(ConfigMap.class, namespace, volume.getConfigMap().getName()));
      } else if (volume.getSecret() != null) {
        found.add(new Reference(Secret.class, namespace, volume.getSecret().getSecretName()));
      } else if (volume.getProjected() != null) {
        for (VolumeProjection part :
            Objects.requireNonNullElse(
                volume.getProjected().getSources(), java.util.List.<VolumeProjection>of())) {
          if (part.getConfigMap() != null) {
            found.add(new Reference(ConfigMap.class, namespace, part.getConfigMap().getName()));
          } else if (part.getSecret() != null) {
            found.add(new Reference(Secret.class, namespace, part.getSecret().getName()));
          }
        }
      }
    }
    return found;
  }
}
