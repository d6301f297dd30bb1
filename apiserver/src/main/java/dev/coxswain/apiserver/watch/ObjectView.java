package dev.coxswain.apiserver.watch;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stored objects as this server's watch cache has them, for authorization and admission: reading
 * never goes to the store and may lag behind it by some milliseconds. Every call parses anew; keep
 * what was derived and compare {@link #revision} to see whether it still holds.
 */
public interface ObjectView {

  /** The object, its resourceVersion set. */
  Optional<ObjectNode> find(GroupResource resource, ObjectKey key);

  /**
   * The objects of a namespace; of all namespaces (or cluster-scoped ones) for the empty string.
   */
  List<ObjectNode> list(GroupResource resource, String namespace);

  /**
   * The store revision of the last change to any object of the resource; the same number twice
   * means that nothing changed in between.
   */
  long revision(GroupResource resource);

  /**
   * Waits, for some seconds at most, until everything is seen of these resources that was
   * acknowledged before the call: for who is about to refuse what another server may have allowed a
   * moment ago.
   *
   * @return whether another look is worth while
   */
  default boolean catchUp(Collection<GroupResource> resources) {
    return false;
  }
}
