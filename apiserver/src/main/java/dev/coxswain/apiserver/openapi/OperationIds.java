package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.registry.Verb;

/** How operations are called; generated clients name their methods after it. */
final class OperationIds {
  private OperationIds() {}

  /** {@code listCoreV1NamespacedPod}, {@code deleteAppsV1CollectionNamespacedDeployment}. */
  static String of(Verb verb, GroupVersionKind kind, boolean namespaced) {
    return word(verb)
        + groupVersion(kind)
        + (verb == Verb.DELETE_COLLECTION ? "Collection" : "")
        + (namespaced ? "Namespaced" : "")
        + kind.kind();
  }

  /** {@code readCoreV1NamespacedPodStatus}, {@code connectCoreV1GetNamespacedPodExec}. */
  static String of(Verb verb, boolean connects, ResourceType type, Subresource subresource) {
    return (connects ? "connect" : word(verb))
        + groupVersion(type.kind())
        + (connects ? capital(method(verb)) : "")
        + (type.namespaced() ? "Namespaced" : "")
        + type.kind().kind()
        + capital(subresource.name());
  }

  private static String word(Verb verb) {
    return switch (verb) {
      case GET -> "read";
      case UPDATE -> "replace";
      case DELETE, DELETE_COLLECTION -> "delete";
      case CREATE, LIST, PATCH, WATCH -> verb.text();
    };
  }

  /** The HTTP method of a verb, in lower case. */
  static String method(Verb verb) {
    return switch (verb) {
      case CREATE -> "post";
      case DELETE, DELETE_COLLECTION -> "delete";
      case GET, LIST, WATCH -> "get";
      case PATCH -> "patch";
      case UPDATE -> "put";
    };
  }

  private static String groupVersion(GroupVersionKind kind) {
    String group = kind.group().isEmpty() ? "core" : kind.group();
    String own =
        group.endsWith(".k8s.io") ? group.substring(0, group.length() - ".k8s.io".length()) : group;
    StringBuilder words = new StringBuilder();
    for (String label : own.split("[.-]", -1)) {
      words.append(capital(label));
    }
    return words.append(capital(kind.version())).toString();
  }

  private static String capital(String word) {
    return word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
