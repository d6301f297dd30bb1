package dev.coxswain.apiserver.registry;

import tools.jackson.databind.node.ObjectNode;

/** Between a served version and the stored one; both ways change the object they are given. */
public interface Conversion {
  /** The served version is the stored one. */
  Conversion NONE =
      new Conversion() {
        @Override
        public void toStored(ObjectNode object) {}

        @Override
        public void fromStored(ObjectNode object) {}
      };

  /** Makes the stored version of a served object, its apiVersion included. */
  void toStored(ObjectNode object);

  /** Makes the served version of a stored object, its apiVersion included. */
  void fromStored(ObjectNode object);
}
