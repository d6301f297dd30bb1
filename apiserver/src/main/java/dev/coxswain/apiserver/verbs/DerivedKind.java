package dev.coxswain.apiserver.verbs;

import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.watch.CachedObject;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A kind that is not stored: its objects are made of those of another kind when asked for. */
public interface DerivedKind {

  /** The stored kind whose names, namespaces, labels and fields select what is made. */
  ResourceType basis();

  /**
   * Makes the objects; what nothing can be said of now is left out.
   *
   * @throws dev.coxswain.api.status.ApiException when nothing can be said of any
   */
  List<ObjectNode> derive(List<CachedObject> objects) throws InterruptedException;
}
