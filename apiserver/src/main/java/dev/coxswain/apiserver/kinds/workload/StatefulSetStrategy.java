package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.pod.PodSpecRules;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of stateful sets. */
public final class StatefulSetStrategy extends WorkloadStrategy {
  private static final int HISTORY = 10;
  private static final String RETENTION = "persistentVolumeClaimRetentionPolicy";
  private static final Set<String> MUTABLE =
      Set.of(
          "replicas",
          "ordinals",
          "template",
          "updateStrategy",
          "revisionHistoryLimit",
          RETENTION,
          "minReadySeconds");

  /** Rules on this shape. */
  public StatefulSetStrategy(Schema schema) {
    super(schema, "statefulset");
  }

  @Override
  void fillSpec(ObjectNode spec) {
    Defaults.text(spec, "podManagementPolicy", "OrderedReady");
    ObjectNode strategy = Defaults.object(spec, "updateStrategy");
    Defaults.text(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      Defaults.number(Defaults.object(strategy, "rollingUpdate"), "partition", 0);
    }
    ObjectNode retention = Defaults.object(spec, RETENTION);
    Defaults.text(retention, "whenDeleted", "Retain");
    Defaults.text(retention, "whenScaled", "Retain");
    Defaults.number(spec, "replicas", 1);
    Defaults.number(spec, "revisionHistoryLimit", HISTORY);
    for (JsonNode claim : spec.path("volumeClaimTemplates")) {
      if (claim instanceof ObjectNode object) {
        Defaults.text(object, "apiVersion", "v1");
        Defaults.text(object, "kind", "PersistentVolumeClaim");
        Defaults.text(Defaults.object(object, "spec"), "volumeMode", "Filesystem");
        Defaults.text(Defaults.object(object, "status"), "phase", "Pending");
      }
    }
  }

  @Override
  boolean limitsHistory() {
    return false;
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    List<String> warnings = new ArrayList<>(super.warnings(object, old));
    if (old != null && sameWanted(object, old)) {
      // Whoever reports a status is not the one to warn.
      return warnings;
    }
    // Upstream's paths, which are not the same for what is new.
    String part = old == null ? "" : ".Spec";
    int index = 0;
    for (JsonNode claim : Json.at(object, "spec", "volumeClaimTemplates")) {
      PodWarnings.claim(
          claim.path("spec"), "spec.volumeClaimTemplates[" + index++ + "]" + part, warnings);
    }
    if (Json.number(object, 0, "spec", "revisionHistoryLimit") < 0) {
      warnings.add(
          "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value"
              + " >= 0 is recommended");
    }
    return warnings;
  }

  /** A mount may name a claim, which is a volume in the pods alone. */
  @Override
  void validateTemplate(JsonNode template, String path, PodSpecRules rules) {
    rules.checkTemplateWithClaims(template, path, "StatefulSet");
  }

  @Override
  void validateSpec(JsonNode spec, List<FieldError> errors) {
    Checks.oneOf(spec, "podManagementPolicy", Set.of("OrderedReady", "Parallel"), "spec", errors);
    JsonNode strategy = spec.path("updateStrategy");
    Checks.oneOf(
        strategy, "type", Set.of("OnDelete", "RollingUpdate"), "spec.updateStrategy", errors);
    JsonNode rolling = strategy.path("rollingUpdate");
    if (rolling.isObject() && Json.text(strategy, "type").equals("OnDelete")) {
      errors.add(
          FieldError.invalid(
              "spec.updateStrategy.rollingUpdate",
              rolling,
              "only allowed for updateStrategy 'RollingUpdate'"));
    }
    JsonNode start = spec.path("ordinals").path("start");
    if (start.asLong(0) < 0) {
      errors.add(
          FieldError.invalid("spec.ordinals.start", start, "must be greater than or equal to 0"));
    }
    for (String moment : List.of("whenDeleted", "whenScaled")) {
      Checks.oneOf(
          spec.path(RETENTION), moment, Set.of("Delete", "Retain"), "spec." + RETENTION, errors);
    }
    Checks.nonNegative(rolling, "partition", "spec.updateStrategy.rollingUpdate", errors);
    Surge.check(
        rolling.path("maxUnavailable"), "spec.updateStrategy.rollingUpdate.maxUnavailable", errors);
  }

  @Override
  protected void validateChangeInto(ObjectNode object, ObjectNode old, List<FieldError> errors) {
    ObjectNode now = Json.ensureObject(object, "spec").deepCopy().without(MUTABLE);
    ObjectNode before = Json.ensureObject(old, "spec").deepCopy().without(MUTABLE);
    if (!Json.same(now, before)) {
      errors.add(
          FieldError.forbidden(
              "spec",
              "updates to statefulset spec for fields other than 'replicas', 'ordinals',"
                  + " 'template', 'updateStrategy', 'revisionHistoryLimit',"
                  + " 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are"
                  + " forbidden"));
    }
  }
}
