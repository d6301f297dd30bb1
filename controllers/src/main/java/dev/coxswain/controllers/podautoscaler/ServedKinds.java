package dev.coxswain.controllers.podautoscaler;

import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ServedResource;
import java.util.List;
import java.util.Optional;

/** Which resource a kind is served as, custom ones too. */
public final class ServedKinds {
  private final ApiClient api;

  /** What discovery last told; asked again where a kind is not among it. */
  private volatile List<ServedResource> served = List.of();

  /** Of this API server. */
  public ServedKinds(ApiClient api) {
    this.api = api;
  }

  /**
   * The resource of a kind, in whatever version; empty where there is none.
   *
   * @param group empty for the oldest kinds
   */
  public Optional<ServedResource> find(String group, String kind) {
    Optional<ServedResource> known = known(group, kind);
    if (known.isEmpty()) {
      served = api.discover().resources();
      known = known(group, kind);
    }
    return known;
  }

  private Optional<ServedResource> known(String group, String kind) {
    return served.stream()
        .filter(
            resource -> resource.kind().equals(kind) && resource.resource().group().equals(group))
        .findFirst();
  }
}
