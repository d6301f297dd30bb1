package dev.coxswain.controllers.disruption;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.disruption.ExpectedPods.Unknown;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.podautoscaler.ServedKinds;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import java.util.Optional;

/** How many pods an owner of any kind wants, custom ones too, as its scale says. */
final class Scales {
  private final ApiClient api;
  private final ServedKinds kinds;

  Scales(ApiClient api) {
    this.api = api;
    this.kinds = new ServedKinds(api);
  }

  /**
   * How many pods this very owner wants; empty where it is gone.
   *
   * @throws Unknown where its kind has no scale, or it cannot be read now
   */
  Optional<Integer> replicas(OwnerReference owner, String namespace) throws Unknown {
    try {
      GroupVersionKind kind = GroupVersionKind.of(owner.getApiVersion(), owner.getKind());
      ServedResource resource =
          kinds
              .find(kind.group(), kind.kind())
              .orElseThrow(() ->
                  new Unknown(
                      "no matches for kind \""
                          + owner.getKind()
                          + "\" in version \""
                          + owner.getApiVersion()
                          + "\""));
      var key = new ObjectKey(resource.namespaced() ? namespace : "", owner.getName());
      var client = api.metadata(resource);
      if (client.find(key).filter(found -> Meta.uid(found).equals(owner.getUid())).isEmpty()) {
        return Optional.empty();
      }
      try {
        Scale scale = client.get(key, "scale", Scale.class);
        return Optional.of(
            scale.getSpec() == null ? 0 : Meta.number(scale.getSpec().getReplicas(), 0));
      } catch (ApiException refused) {
        if (refused.is(StatusReason.NOT_FOUND)) {
          throw new Unknown(resource.resource() + " does not implement the scale subresource");
        }
        throw refused;
      }
    } catch (ApiException failed) {
      throw new Unknown(String.valueOf(failed.getMessage()));
    }
  }
}
