package dev.coxswain.apiserver.custom;

import dev.coxswain.api.meta.GroupVersionKind;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Makes one version of a custom resource's objects of another. */
@FunctionalInterface
interface VersionConverter {
  /** The strategy None: all versions look alike but for their name. */
  VersionConverter NONE =
      (objects, wanted) -> objects.forEach(object -> object.put("apiVersion", wanted.apiVersion()));

  /** Changes the objects, which are of other versions, to the wanted one. */
  void convert(List<ObjectNode> objects, GroupVersionKind wanted);

  /** Whether another server is asked, which takes its time. */
  default boolean asks() {
    return false;
  }
}
