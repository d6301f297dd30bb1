package dev.coxswain.runtime.access;

/** What somebody wants to do, as the API server's authorizers name it. */
public sealed interface Permission {

  /**
   * Something done to one object of the cluster's scope.
   *
   * @param resource such as {@code nodes}
   * @param subresource such as {@code metrics}
   */
  record OnObject(String verb, String resource, String subresource, String name)
      implements Permission {}

  /** Something done to a path that is no object's, such as {@code /metrics}. */
  record OnPath(String verb, String path) implements Permission {}
}
