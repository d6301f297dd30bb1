package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.GroupResource;
import java.util.Set;

/**
 * A resource as discovery tells of it.
 *
 * @param apiVersion group and version under which it is served, such as {@code apps/v1}
 * @param kind the kind of its objects
 * @param resource the group and the plural
 * @param namespaced whether its objects live in namespaces
 * @param verbs what can be done with it, such as {@code list}
 */
public record ServedResource(
    String apiVersion, String kind, GroupResource resource, boolean namespaced, Set<String> verbs) {
  public ServedResource {
    verbs = Set.copyOf(verbs);
  }

  /** Whether all of the verbs can be done. */
  public boolean supports(String... wanted) {
    return verbs.containsAll(Set.of(wanted));
  }
}
