package dev.coxswain.apiserver.registry;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Between the served versions of one resource. */
public final class ServedVersions {
  private ServedVersions() {}

  /** A copy of an object, as another version of its resource. */
  public static ObjectNode convert(ObjectNode object, ResourceType from, ResourceType to) {
    ObjectNode converted = object.deepCopy();
    if (!from.storedKind().equals(from.kind())) {
      from.conversion().toStored(converted);
    }
    if (!to.storedKind().equals(to.kind())) {
      to.conversion().fromStored(converted);
    }
    return converted;
  }

  /** The other types under which a type's objects are served. */
  public static List<ResourceType> others(ResourceRegistry registry, ResourceType type) {
    return registry.all().stream()
        .filter(other -> other.stored() && other.storedResource().equals(type.storedResource()))
        .filter(other -> !other.kind().equals(type.kind()))
        .toList();
  }
}
