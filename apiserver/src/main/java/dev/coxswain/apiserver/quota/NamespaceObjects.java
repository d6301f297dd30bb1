package dev.coxswain.apiserver.quota;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.storage.StoredValue;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What is in a namespace, as accounting sees it. */
public interface NamespaceObjects {
  /** The quotas as they were a moment ago. */
  List<StoredValue> quotas(String namespace);

  /** Every resource that is stored. */
  Collection<GroupResource> resources();

  /** The objects of a resource, none older than a revision. */
  List<ObjectNode> objects(GroupResource resource, String namespace, long revision);
}
