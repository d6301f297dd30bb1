package dev.coxswain.controllers.namespace;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.Discovered;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Empties a namespace, of whatever kinds the API server serves. */
final class NamespaceContent {
  private static final GroupResource PODS = new GroupResource("", "pods");

  private final ApiClient api;

  NamespaceContent(ApiClient api) {
    this.api = api;
  }

  /**
   * What is left after everything was told to go.
   *
   * @param remaining objects that still exist, by resource
   * @param finalizers objects that wait for a finalizer, by finalizer
   * @param failures what could not be listed or deleted
   * @param discoveryFailure why it is not known what there is; empty when it is
   */
  record Left(
      Map<String, Integer> remaining,
      Map<String, Integer> finalizers,
      List<String> failures,
      String discoveryFailure) {

    boolean nothing() {
      return nothingKnown() && discoveryFailure.isEmpty();
    }

    /** Whether nothing is left of the kinds that discovery told of. */
    private boolean nothingKnown() {
      return remaining.isEmpty() && failures.isEmpty();
    }
  }

  /** Deletes everything and tells what is left. */
  Left delete(String namespace) {
    Discovered discovered;
    try {
      discovered = api.discover();
    } catch (ApiException unknown) {
      return new Left(Map.of(), Map.of(), List.of(), String.valueOf(unknown.getMessage()));
    }
    String unknown =
        discovered.complete()
            ? ""
            : "Discovery failed for some groups, "
                + discovered.failures().size()
                + " failing: "
                + discovered.problem();
    var left = new Left(new TreeMap<>(), new TreeMap<>(), new ArrayList<>(), unknown);
    List<ServedResource> served = discovered.resources();
    // Pods go first: what they run is not to lose the policies, secrets and claims that it needs.
    served.stream().filter(NamespaceContent::isPods).forEach(pods -> empty(namespace, pods, left));
    if (left.nothingKnown()) {
      served.stream()
          .filter(resource -> !isPods(resource))
          .forEach(resource -> empty(namespace, resource, left));
    }
    return left;
  }

  /** As upstream names it here: of the core group with a dot, too. */
  private static String words(GroupResource resource) {
    return resource.resource() + "." + resource.group();
  }

  private static boolean isPods(ServedResource resource) {
    return resource.resource().equals(PODS);
  }

  private void empty(String namespace, ServedResource resource, Left left) {
    if (resource.namespaced() && resource.supports("list", "delete")) {
      try {
        delete(namespace, resource, left);
      } catch (ApiException failed) {
        left.failures().add(resource.resource() + ": " + failed.getMessage());
      }
    }
  }

  private void delete(String namespace, ServedResource resource, Left left) {
    ResourceClient<PartialObjectMetadata> client = api.metadata(resource);
    for (PartialObjectMetadata object : client.list(namespace, ListOptions.ALL).items()) {
      if (!Meta.deleting(object)) {
        var options =
            new DeleteOptions(null, Meta.uid(object), null, DeleteOptions.Propagation.BACKGROUND);
        try {
          client.delete(Meta.key(object), options);
        } catch (ApiException refused) {
          if (!refused.is(StatusReason.NOT_FOUND) && !refused.is(StatusReason.CONFLICT)) {
            throw refused;
          }
        }
      }
    }
    for (PartialObjectMetadata object : client.list(namespace, ListOptions.ALL).items()) {
      left.remaining().merge(words(resource.resource()), 1, Integer::sum);
      Meta.finalizers(object).forEach(name -> left.finalizers().merge(name, 1, Integer::sum));
    }
  }
}
