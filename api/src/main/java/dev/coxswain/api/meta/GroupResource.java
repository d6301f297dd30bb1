package dev.coxswain.api.meta;

/**
 * A resource without its version, the unit of storage and of authorization.
 *
 * @param group the API group; empty for the core group
 * @param resource the plural in lower case, such as {@code pods}
 */
public record GroupResource(String group, String resource) {

  /** As error messages name it: {@code pods}, {@code deployments.apps}. */
  @Override
  public String toString() {
    return group.isEmpty() ? resource : resource + "." + group;
  }
}
