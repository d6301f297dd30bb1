package dev.coxswain.kubelet.manifest;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.ResourceClient;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Keeps the API's mirrors of static pods. */
public final class Mirrors {
  private final ResourceClient<Pod> pods;
  private final String node;
  private final Supplier<Optional<Node>> registered;

  /** Mirrors of a node's static pods; none are made before the node is registered. */
  public Mirrors(ApiClient api, String node, Supplier<Optional<Node>> registered) {
    this.pods = api.resource(Pod.class);
    this.node = node;
    this.registered = registered;
  }

  /**
   * The pod's mirror, made where it is not there.
   *
   * @return empty where there cannot be one yet
   * @throws ApiException when the API refuses it
   */
  public Optional<Pod> of(Pod pod) {
    Optional<Node> owner = registered.get();
    if (owner.isEmpty()) {
      return Optional.empty();
    }
    ObjectKey key = key(pod);
    Optional<Pod> known = pods.find(key);
    if (known.isPresent()) {
      Pod mirror = known.get();
      boolean current =
          StaticPod.mirrored(mirror).equals(pod.getMetadata().getUid())
              && mirror.getMetadata().getDeletionTimestamp() == null;
      if (current) {
        return known;
      }
      if (!StaticPod.isMirror(mirror)) {
        throw new ApiException(StatusReason.ALREADY_EXISTS, "pod " + key + " is no mirror");
      }
      remove(mirror);
    }
    return Optional.of(
        pods.create(StaticPod.mirror(pod, node, owner.get().getMetadata().getUid())));
  }

  /** Removes the mirrors whose pods are no more, and those that somebody asked to delete. */
  void sweep(Collection<Pod> shown, Collection<Pod> wanted) {
    Set<String> uids =
        wanted.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
    for (Pod mirror : shown) {
      boolean stale =
          StaticPod.isMirror(mirror)
              && (!uids.contains(StaticPod.mirrored(mirror))
                  || mirror.getMetadata().getDeletionTimestamp() != null);
      if (stale) {
        remove(mirror);
      }
    }
  }

  private void remove(Pod mirror) {
    pods.delete(key(mirror), new DeleteOptions(0L, mirror.getMetadata().getUid(), null, null));
  }

  private static ObjectKey key(Pod pod) {
    return new ObjectKey(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }
}
