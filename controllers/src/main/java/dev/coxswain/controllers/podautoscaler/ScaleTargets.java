package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;

/** Reads and sets the scale of anything that has one, custom resources too. */
final class ScaleTargets {
  private final ApiClient api;
  private final ServedKinds kinds;

  ScaleTargets(ApiClient api, ServedKinds kinds) {
    this.api = api;
    this.kinds = kinds;
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
    return new Target(
        kinds
            .find(kind.group(), kind.kind())
            .orElseThrow(() ->
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

  Scale scale(Target target) {
    return api.metadata(target.resource()).get(target.key(), "scale", Scale.class);
  }

  void resize(Target target, Scale wanted) {
    api.metadata(target.resource()).put(target.key(), "scale", wanted, Scale.class);
  }
}
