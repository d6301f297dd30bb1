package dev.coxswain.apiserver.kinds;

import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.workload.CronJobStrategy;
import dev.coxswain.apiserver.kinds.workload.JobStrategy;
import dev.coxswain.apiserver.kinds.workload.WorkloadColumns;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.List;

/** Work that ends. */
final class BatchKinds {
  private BatchKinds() {}

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("CronJob", new CronJobStrategy(kinds.schema("CronJob")))
            .shortNames("cj")
            .categories("all")
            .columns(WorkloadColumns.cronJob())
            .status()
            .build(),
        kinds
            .declare("Job", new JobStrategy(kinds.schema("Job")))
            .categories("all")
            .columns(WorkloadColumns.job())
            .selectableFields(
                SelectableFields.metadata()
                    .alias("status.successful", "status.succeeded")
                    .otherwise("status.successful", "0"))
            .status()
            .build());
  }
}
