package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of replica sets. */
public final class ReplicaSetStrategy extends WorkloadStrategy {
  /** Rules on this shape. */
  public ReplicaSetStrategy(Schema schema) {
    super(schema, "replicaset");
  }

  @Override
  void fillSpec(ObjectNode spec) {
    Defaults.number(spec, "replicas", 1);
  }

  @Override
  boolean namesPods() {
    return true;
  }

  @Override
  void validateSpec(JsonNode spec, List<FieldError> errors) {}
}
