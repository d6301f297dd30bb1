package dev.coxswain.apiserver.registry;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Between a served version and the stored one; both ways change the object they are given. */
public interface Conversion {
  /** The served version is the stored one. */
  static Conversion none() {
    return new Conversion() {};
  }

  /** The versions differ in nothing but their names. */
  static Conversion sameShape(String served, String stored) {
    return new Conversion() {
      @Override
      public void toStored(ObjectNode object) {
        object.put("apiVersion", stored);
      }

      @Override
      public void fromStored(ObjectNode object) {
        object.put("apiVersion", served);
      }
    };
  }

  /** Makes the stored version of a served object, its apiVersion included. */
  default void toStored(ObjectNode object) {}

  /** Makes the served version of a stored object, its apiVersion included. */
  default void fromStored(ObjectNode object) {}

  /** Makes the served version of many stored objects. */
  default void allFromStored(List<ObjectNode> objects) {
    objects.forEach(this::fromStored);
  }

  /** Whether another server is asked: this takes its time, and must not be done on event loops. */
  default boolean asks() {
    return false;
  }
}
