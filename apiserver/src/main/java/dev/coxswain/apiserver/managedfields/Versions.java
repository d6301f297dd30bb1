package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.schema.Schema;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** An object's kind in the versions that managers speak. */
public interface Versions {
  /** The version with this apiVersion; empty where it is not served any more. */
  Optional<Version> at(String apiVersion);

  /** One version of a kind. */
  interface Version {
    /** Its shape. */
    Schema schema();

    /** Makes this version of an object of the request's version; the object is not changed. */
    ObjectNode from(ObjectNode object);

    /** Makes the request's version of an object of this version. */
    ObjectNode back(ObjectNode object);
  }
}
