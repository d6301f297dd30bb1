package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.ObjectKey;
import tools.jackson.databind.node.ObjectNode;

/** Does what an object that is posted to a subresource asks for, such as a binding. */
@FunctionalInterface
public interface ActionHandler {

  /**
   * Does it.
   *
   * @param key the object that the URL names
   * @param body what was posted
   * @return the answer, sent with status 201
   */
  ObjectNode act(ObjectKey key, ObjectNode body, WriteContext context) throws InterruptedException;
}
