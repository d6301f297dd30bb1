package dev.coxswain.apiserver.kinds.common;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import dev.coxswain.apiserver.table.Columns;

/**
 * Starts the declarations of one group and version.
 *
 * @param schemas where the shapes are
 * @param group the API group
 * @param version the version
 */
public record Kinds(BuiltinSchemas schemas, String group, String version) {

  /** A kind's shape. */
  public Schema schema(String kind) {
    return schemas.kind(group, version, kind);
  }

  /** A kind with a shape, the standard columns, and only the rules that follow from the shape. */
  public ResourceType.Builder plain(String kind) {
    return declare(kind, new StandardStrategy(schema(kind), false, false));
  }

  /** A kind as {@link #plain}, whose status is kept apart. */
  public ResourceType.Builder withStatus(String kind) {
    return declare(kind, new StandardStrategy(schema(kind), true, false)).status();
  }

  /** A kind with rules of its own. */
  public ResourceType.Builder declare(String kind, Strategy strategy) {
    return ResourceType.of(group, version, kind)
        .schema(schema(kind))
        .columns(Columns.standard())
        .strategy(strategy);
  }

  /** A question that is answered and forgotten. */
  public ResourceType.Builder review(String kind) {
    return ResourceType.of(group, version, kind)
        .schema(schema(kind))
        .columns(Columns.standard())
        .notStored();
  }
}
