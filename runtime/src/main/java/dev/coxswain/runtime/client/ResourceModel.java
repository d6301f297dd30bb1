package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import java.util.Objects;

/**
 * What a model class says about its resource.
 *
 * @param type the class
 * @param apiVersion as in the object's field, such as {@code apps/v1}
 * @param kind the kind
 * @param resource the group and the plural
 * @param namespaced whether its objects live in namespaces
 */
record ResourceModel<T extends HasMetadata>(
    Class<T> type, String apiVersion, String kind, GroupResource resource, boolean namespaced) {

  /** Reads the annotations of the class. */
  static <T extends HasMetadata> ResourceModel<T> of(Class<T> type) {
    String group = Objects.requireNonNullElse(HasMetadata.getGroup(type), "");
    return new ResourceModel<>(
        type,
        HasMetadata.getApiVersion(type),
        HasMetadata.getKind(type),
        new GroupResource(group, HasMetadata.getPlural(type)),
        Namespaced.class.isAssignableFrom(type));
  }

  /** The metadata of a resource that discovery told of. */
  static ResourceModel<PartialObjectMetadata> metadata(ServedResource served) {
    return new ResourceModel<>(
        PartialObjectMetadata.class,
        served.apiVersion(),
        served.kind(),
        served.resource(),
        served.namespaced());
  }

  /** The URL path of the collection; all namespaces for the empty string. */
  String collectionPath(String namespace) {
    String root = resource.group().isEmpty() ? "/api/" + apiVersion : "/apis/" + apiVersion;
    return namespaced && !namespace.isEmpty()
        ? root + "/namespaces/" + Uris.segment(namespace) + "/" + resource.resource()
        : root + "/" + resource.resource();
  }

  /** The URL path of one object. */
  String objectPath(ObjectKey key) {
    if (key.name().isEmpty() || namespaced == key.namespace().isEmpty()) {
      throw new IllegalArgumentException(
          resource
              + " \""
              + key
              + "\": "
              + (namespaced ? "needs" : "takes no")
              + " namespace, and a name");
    }
    return collectionPath(key.namespace()) + "/" + Uris.segment(key.name());
  }

  /** The key of an object of this class. */
  static ObjectKey key(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    return new ObjectKey(
        Objects.requireNonNullElse(meta.getNamespace(), ""),
        Objects.requireNonNullElse(meta.getName(), ""));
  }
}
