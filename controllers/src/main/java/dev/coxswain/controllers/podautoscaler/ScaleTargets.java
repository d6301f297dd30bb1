package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import java.util.List;
import java.util.Optional;

/** Reads and sets the scale of anything that has one, custom resources too. */
final class ScaleTargets {
  private final ApiClient api;

  /** What discovery last told; asked again where a kind is not among it. */
  private volatile List<ServedResource> served = List.of();

  ScaleTargets(ApiClient api) {
    this.api = api;
  }

  /** What a reference names. */
  record Target(ServedResource resource, ObjectKey key) {
    /** As messages name it. */
    @Override
    public String toString() {
      return resource.kind() + "/" + key;
    }
  }

  /**
   * @throws ApiException when no such kind is served
   */
  Target find(String namespace, CrossVersionObjectReference reference) {
    GroupVersionKind kind =
        GroupVersionKind.of(
            reference.getApiVersion() == null ? "" : reference.getApiVersion(),
            reference.getKind());
    Optional<ServedResource> known = known(kind);
    if (known.isEmpty()) {
      served = api.discover();
      known = known(kind);
    }
    return new Target(
        known.orElseThrow(() ->
            new ApiException(
                StatusReason.NOT_FOUND,
                "unable to determine resource for scale target reference: no matches for kind"
                    + " \""
                    + kind.kind()
                    + "\" in group \""
                    + kind.group()
                    + "\"")),
        new ObjectKey(namespace, reference.getName()));
  }

  private Optional<ServedResource> known(GroupVersionKind kind) {
    return served.stream()
        .filter(resource ->
            resource.kind().equals(kind.kind()) && resource.resource().group().equals(kind.group()))
        .findFirst();
  }

  Scale scale(Target target) {
    return api.metadata(target.resource()).get(target.key(), "scale", Scale.class);
  }

  void resize(Target target, Scale wanted) {
    api.metadata(target.resource()).put(target.key(), "scale", wanted, Scale.class);
  }
}
