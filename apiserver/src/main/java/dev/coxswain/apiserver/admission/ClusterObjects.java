package dev.coxswain.apiserver.admission;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What admission looks up. Most questions are answered by the cache; only what is not there is
 * asked of the store, because it may have been made a moment ago, as when one file brings a
 * namespace and what lives in it.
 */
public final class ClusterObjects {
  private final ObjectView view;
  private final Current current;

  /** Reads an object as it is now. */
  @FunctionalInterface
  public interface Current {
    /** Empty where there is none. */
    Optional<ObjectNode> find(GroupResource resource, ObjectKey key) throws InterruptedException;
  }

  /** Asks the view first, then {@code current}. */
  public ClusterObjects(ObjectView view, Current current) {
    this.view = view;
    this.current = current;
  }

  /** The object, unless it really is not there. */
  public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
    Optional<ObjectNode> cached = view.find(resource, key);
    if (cached.isPresent()) {
      return cached;
    }
    try {
      return current.find(resource, key);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
  }

  /**
   * Brings the cache up to what is stored, for who would else refuse something on old grounds.
   *
   * @return whether another look is worth while
   */
  boolean catchUp(Collection<GroupResource> resources) {
    return view.catchUp(resources);
  }

  /** The objects that the cache has. */
  public List<ObjectNode> list(GroupResource resource, String namespace) {
    return view.list(resource, namespace);
  }
}
