package dev.coxswain.apiserver.custom;

import dev.coxswain.api.meta.GroupVersionKind;
import tools.jackson.databind.node.ObjectNode;

/** Makes one version of a custom resource's object of another. */
@FunctionalInterface
interface VersionConverter {
  /** The strategy None: all versions look alike but for their name. */
  VersionConverter NONE = (object, wanted) -> object.put("apiVersion", wanted.apiVersion());

  /** Changes the object to the wanted version. */
  void convert(ObjectNode object, GroupVersionKind wanted);
}
