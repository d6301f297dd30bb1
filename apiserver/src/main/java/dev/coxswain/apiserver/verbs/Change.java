package dev.coxswain.apiserver.verbs;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Makes the wanted object from the current one; called again when somebody else was faster. */
@FunctionalInterface
interface Change {
  /**
   * The wanted object.
   *
   * @param current the object as it is, the caller's own copy; null where there is none, which only
   *     a change that may create is asked
   */
  ObjectNode apply(@Nullable ObjectNode current);

  /** Whether the change itself says in managedFields who owns what, as an apply does. */
  default boolean tracksOwners() {
    return false;
  }
}
