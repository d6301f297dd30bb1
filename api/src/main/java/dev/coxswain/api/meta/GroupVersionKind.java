package dev.coxswain.api.meta;

/**
 * The identity of an object type, as {@code apiVersion} and {@code kind} spell it.
 *
 * @param group the API group; empty for the core group
 * @param version the version within the group, such as {@code v1}
 * @param kind the kind in CamelCase, such as {@code Pod}
 */
public record GroupVersionKind(String group, String version, String kind) {

  /**
   * Splits an {@code apiVersion} field: {@code v1} is the core group, {@code apps/v1} the apps
   * group.
   */
  public static GroupVersionKind of(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return slash < 0
        ? new GroupVersionKind("", apiVersion, kind)
        : new GroupVersionKind(
            apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  /** The value of an object's {@code apiVersion} field. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }
}
