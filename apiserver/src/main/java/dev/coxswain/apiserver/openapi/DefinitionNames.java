package dev.coxswain.apiserver.openapi;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.discovery.Discovery;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Subresource;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How kinds are called in the documents, and which kind a definition is. */
final class DefinitionNames {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

  /** What every group's paths name. */
  static final List<String> SHARED =
      List.of(META + "DeleteOptions", META + "Status", META + "Patch", META + "ListMeta");

  private final BuiltinSchemas schemas;
  private final Map<String, GroupVersionKind> kinds = new HashMap<>();

  DefinitionNames(BuiltinSchemas schemas, ResourceRegistry registry) {
    this.schemas = schemas;
    for (ResourceType type : registry.all()) {
      GroupVersionKind kind = type.kind();
      kinds.put(of(type), kind);
      kinds.put(listOf(type), new GroupVersionKind(kind.group(), kind.version(), type.listKind()));
    }
  }

  /** Whether a kind's shape is one of the server's own. */
  static boolean isBuiltin(BuiltinSchemas schemas, ResourceType type) {
    GroupVersionKind kind = type.kind();
    String name = BuiltinSchemas.definitionName(kind.group(), kind.version(), kind.kind());
    return schemas.definition(name).map(type.schema()::equals).orElse(false);
  }

  /** A kind's definition. */
  String of(ResourceType type) {
    return isBuiltin(schemas, type)
        ? builtin(type.kind())
        : custom(type.kind().group(), type.kind().version(), type.kind().kind());
  }

  /** The definition of a kind's lists. */
  String listOf(ResourceType type) {
    GroupVersionKind kind = type.kind();
    return isBuiltin(schemas, type)
        ? BuiltinSchemas.definitionName(kind.group(), kind.version(), type.listKind())
        : custom(kind.group(), kind.version(), type.listKind());
  }

  /** A built-in kind's definition. */
  static String builtin(GroupVersionKind kind) {
    return BuiltinSchemas.definitionName(kind.group(), kind.version(), kind.kind());
  }

  /** {@code example.com} becomes {@code com.example}, as packages are called. */
  private static String custom(String group, String version, String kind) {
    List<String> labels = new ArrayList<>(List.of(group.split("\\.", -1)));
    Collections.reverse(labels);
    return String.join(".", labels) + "." + version + "." + kind;
  }

  /** The kind that a definition is; empty where it is only a part of some. */
  java.util.Optional<GroupVersionKind> kind(String definition) {
    return java.util.Optional.ofNullable(kinds.get(definition));
  }

  /** Whether there is a built-in definition of this name. */
  boolean exists(String definition) {
    return schemas.definition(definition).isPresent();
  }

  /** The definitions that the paths name, besides the types' own. */
  List<String> roots(List<ResourceType> types) {
    List<String> roots = new ArrayList<>(SHARED);
    for (ResourceType type : types) {
      for (Subresource subresource : type.subresources()) {
        boolean connects = subresource instanceof Subresource.Connect;
        GroupVersionKind kind = Discovery.kind(type, subresource);
        String name = BuiltinSchemas.definitionName(kind.group(), kind.version(), kind.kind());
        if (!connects && schemas.definition(name).isPresent()) {
          roots.add(name);
        }
      }
    }
    return roots;
  }
}
