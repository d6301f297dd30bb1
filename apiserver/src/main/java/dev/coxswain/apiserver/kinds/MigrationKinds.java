package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.migration.MigrationStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import java.util.List;

/** Storing objects anew. */
final class MigrationKinds {
  private MigrationKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare(
                "StorageVersionMigration",
                new MigrationStrategy(kinds.schema("StorageVersionMigration")))
            .status()
            .clusterScoped()
            .build());
  }
}
