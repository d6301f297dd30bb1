package dev.coxswain.apiserver.quota;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the watch cache has of namespaces.
 *
 * @param cache the cache
 * @param registry which resources there are
 */
public record CachedNamespaces(WatchCache cache, ResourceRegistry registry)
    implements NamespaceObjects {
  @Override
  public List<StoredValue> quotas(String namespace) {
    return cache.cached(QuotaAccounting.QUOTAS, Selection.namespace(namespace)).objects().stream()
        .map(quota ->
            new StoredValue(
                StoreKeys.key(QuotaAccounting.QUOTAS, quota.key()), quota.json(), quota.revision()))
        .toList();
  }

  @Override
  public Collection<GroupResource> resources() {
    return registry.storedResources();
  }

  @Override
  public List<ObjectNode> objects(GroupResource resource, String namespace, long revision) {
    try {
      if (!cache.await(resource, QuotaAccounting.QUOTAS, revision)) {
        throw new ApiException(
            StatusReason.SERVICE_UNAVAILABLE, "the server has not read revision " + revision);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
    return cache.cached(resource, Selection.namespace(namespace)).objects().stream()
        .map(CachedObject::parse)
        .toList();
  }
}
