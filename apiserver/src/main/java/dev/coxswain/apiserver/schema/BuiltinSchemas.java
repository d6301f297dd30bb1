package dev.coxswain.apiserver.schema;

import dev.coxswain.api.schema.Schema;
import java.util.List;
import java.util.Optional;

/** The shapes of Kubernetes' own types, by the names that OpenAPI gives them. */
public final class BuiltinSchemas {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
  private final SchemaArena arena;

  private BuiltinSchemas(SchemaArena arena) {
    this.arena = arena;
  }

  /** Loads them; the caller keeps the one instance. */
  public static BuiltinSchemas load() {
    return new BuiltinSchemas(SchemaArena.load());
  }

  /**
   * The name of a kind's definition: {@code io.k8s.api.apps.v1.Deployment}. The part that stands
   * for the group is its first label, save for the groups that are served by other libraries.
   */
  public static String definitionName(String group, String version, String kind) {
    String prefix =
        switch (group) {
          case "" -> "io.k8s.api.core.";
          case "apiextensions.k8s.io" -> "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.";
          case "apiregistration.k8s.io" -> "io.k8s.kube-aggregator.pkg.apis.apiregistration.";
          case "metrics.k8s.io" -> "io.k8s.metrics.pkg.apis.metrics.";
          case "meta.k8s.io" -> "io.k8s.apimachinery.pkg.apis.meta.";
          case "rbac.authorization.k8s.io" -> "io.k8s.api.rbac.";
          default -> {
            int dot = group.indexOf('.');
            yield "io.k8s.api." + (dot < 0 ? group : group.substring(0, dot)) + ".";
          }
        };
    return prefix + version + "." + kind;
  }

  /** The definition with this name. */
  public Optional<Schema> definition(String name) {
    return Optional.ofNullable(arena.definition(name));
  }

  /**
   * The shape of a built-in kind.
   *
   * @throws IllegalArgumentException where there is none: a mistake in a declaration
   */
  public Schema kind(String group, String version, String kind) {
    String name = definitionName(group, version, kind);
    return definition(name)
        .orElseThrow(() -> new IllegalArgumentException("there is no definition of " + name));
  }

  /** The shape of {@code metadata}. */
  public Schema objectMeta() {
    return definition(META + "ObjectMeta").orElseThrow();
  }

  /** Every definition's name, sorted. */
  public List<String> names() {
    return arena.definitionNames();
  }

  /** Whether a shape is one of Kubernetes' own types, and not of a type that came at run time. */
  public static boolean builtin(Schema schema) {
    return schema instanceof ArenaSchema;
  }

  /** The definition that a node refers to by name; empty where it has its own structure. */
  public static Optional<String> reference(Schema schema) {
    return schema instanceof ArenaSchema node && !node.reference().isEmpty()
        ? Optional.of(node.reference())
        : Optional.empty();
  }
}
