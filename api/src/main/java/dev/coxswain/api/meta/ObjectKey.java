package dev.coxswain.api.meta;

/**
 * The name of one object within its resource.
 *
 * @param namespace the namespace; empty for a cluster-scoped object
 * @param name the object's name
 */
public record ObjectKey(String namespace, String name) {

  /** A cluster-scoped object's key. */
  public static ObjectKey cluster(String name) {
    return new ObjectKey("", name);
  }

  /** {@code namespace/name}, or the name alone for a cluster-scoped object. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
