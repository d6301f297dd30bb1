package dev.coxswain.apiserver.registry;

import tools.jackson.databind.node.ObjectNode;

/** Between a served version and the stored one; both ways change the object they are given. */
public interface Conversion {
  /** The served version is the stored one. */
  static Conversion none() {
    return new Conversion() {};
  }

  /** Makes the stored version of a served object, its apiVersion included. */
  default void toStored(ObjectNode object) {}

  /** Makes the served version of a stored object, its apiVersion included. */
  default void fromStored(ObjectNode object) {}
}
