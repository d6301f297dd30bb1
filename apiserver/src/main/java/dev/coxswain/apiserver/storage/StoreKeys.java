package dev.coxswain.apiserver.storage;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import org.jspecify.annotations.Nullable;

/**
 * Where objects live: {@code /registry/<group>/<resource>/<namespace>/<name>}, without the
 * namespace for cluster-scoped ones; the core group is spelled {@code core}.
 */
public final class StoreKeys {
  /** Everything that the API server keeps begins with this. */
  public static final String ROOT = "/registry/";

  private StoreKeys() {}

  /** What all keys of a resource begin with. */
  public static String prefix(GroupResource resource) {
    String group = resource.group().isEmpty() ? "core" : resource.group();
    return ROOT + group + "/" + resource.resource() + "/";
  }

  /** What all keys of a resource in a namespace (in all, for the empty string) begin with. */
  public static String prefix(GroupResource resource, String namespace) {
    return namespace.isEmpty() ? prefix(resource) : prefix(resource) + namespace + "/";
  }

  /** The key of an object. */
  public static String key(GroupResource resource, ObjectKey object) {
    return prefix(resource, object.namespace()) + object.name();
  }

  /** The first key after all those that begin with the prefix. */
  public static String end(String prefix) {
    // Prefixes end in "/", an ASCII character: its successor closes the range.
    int last = prefix.length() - 1;
    return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
  }

  /** The key directly after this one. */
  public static String after(String key) {
    return key + "\0";
  }

  /**
   * What a key names.
   *
   * @param resource the resource
   * @param object the object
   */
  public record Parsed(GroupResource resource, ObjectKey object) {}

  /** The resource whose keys begin like this one; null where it is no resource's. */
  static @Nullable GroupResource resource(String key) {
    if (!key.startsWith(ROOT)) {
      return null;
    }
    int group = key.indexOf('/', ROOT.length());
    int resource = group < 0 ? -1 : key.indexOf('/', group + 1);
    if (resource < 0) {
      return null;
    }
    String groupName = key.substring(ROOT.length(), group);
    return new GroupResource(
        groupName.equals("core") ? "" : groupName, key.substring(group + 1, resource));
  }

  /** Takes a key apart; null for a key that is not an object's. */
  public static @Nullable Parsed parse(String key) {
    GroupResource name = resource(key);
    if (name == null) {
      return null;
    }
    int resource = key.indexOf('/', key.indexOf('/', ROOT.length()) + 1);
    int namespace = key.indexOf('/', resource + 1);
    ObjectKey object =
        namespace < 0
            ? ObjectKey.cluster(key.substring(resource + 1))
            : new ObjectKey(key.substring(resource + 1, namespace), key.substring(namespace + 1));
    return object.name().isEmpty() ? null : new Parsed(name, object);
  }
}
