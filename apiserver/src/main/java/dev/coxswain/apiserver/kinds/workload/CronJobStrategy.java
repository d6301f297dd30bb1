package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.kinds.common.Defaults;
import dev.coxswain.apiserver.kinds.common.StandardStrategy;
import dev.coxswain.apiserver.kinds.pod.PodDefaults;
import dev.coxswain.apiserver.kinds.pod.PodWarnings;
import dev.coxswain.apiserver.registry.FieldError;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules of jobs on a schedule. */
public final class CronJobStrategy extends StandardStrategy {
  private static final int SUCCESSFUL_HISTORY = 3;
  private static final int FAILED_HISTORY = 1;

  /** A job's name has a tail of eleven characters after the schedule's. */
  private static final int MAXIMUM_NAME = 52;

  /** Rules on this shape. */
  public CronJobStrategy(Schema schema) {
    super(schema, true, true);
  }

  @Override
  public void fillDefaults(ObjectNode object) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    Defaults.text(spec, "concurrencyPolicy", "Allow");
    Defaults.flag(spec, "suspend", false);
    Defaults.number(spec, "successfulJobsHistoryLimit", SUCCESSFUL_HISTORY);
    Defaults.number(spec, "failedJobsHistoryLimit", FAILED_HISTORY);
    // A job gets its own defaults when it is created; only its pods' and its rules'
    // stand in the schedule.
    ObjectNode job = Json.ensureObject(spec, "jobTemplate", "spec");
    JobStrategy.fillFailurePolicy(job);
    PodDefaults.fillTemplate(Defaults.object(job, "template"));
  }

  @Override
  protected void validateInto(ObjectNode object, List<FieldError> errors) {
    JsonNode spec = object.path("spec");
    String name = Json.text(object, "metadata", "name");
    if (name.length() > MAXIMUM_NAME) {
      errors.add(FieldError.invalid("metadata.name", name, "must be no more than 52 characters"));
    }
    String schedule = Json.text(spec, "schedule");
    if (schedule.isEmpty()) {
      errors.add(FieldError.required("spec.schedule", ""));
    } else if (schedule.contains("TZ")) {
      errors.add(
          FieldError.invalid(
              "spec.schedule",
              schedule,
              "cannot use TZ or CRON_TZ in schedule, use timeZone field" + " instead"));
    } else {
      Checks.form(Schedules.problem(schedule), "spec.schedule", schedule, errors);
    }
    zone(spec, errors);
    Checks.oneOf(spec, "concurrencyPolicy", Set.of("Allow", "Forbid", "Replace"), "spec", errors);
    Checks.nonNegative(spec, "startingDeadlineSeconds", "spec", errors);
    Checks.nonNegative(spec, "successfulJobsHistoryLimit", "spec", errors);
    Checks.nonNegative(spec, "failedJobsHistoryLimit", "spec", errors);
    job(Json.at(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec", errors);
  }

  /** Each job selects its own pods, and so none of them says how. */
  private static void job(JsonNode job, String path, List<FieldError> errors) {
    JobStrategy.check(job, path, errors);
    if (job.path("selector").isObject()) {
      errors.add(
          FieldError.invalid(
              path + ".selector", job.path("selector"), "`selector` will be auto-generated"));
    }
    if (Json.flag(job, "manualSelector")) {
      errors.add(FieldError.notSupported(path + ".manualSelector", true, List.of("nil", "false")));
    }
  }

  @Override
  public List<String> warnings(ObjectNode object, @Nullable ObjectNode old) {
    return PodWarnings.ofTemplate(
        object, old, true, "spec", "jobTemplate", "spec", "template", "spec");
  }

  private static void zone(JsonNode spec, List<FieldError> errors) {
    if (!spec.hasNonNull("timeZone")) {
      return;
    }
    String zone = Json.text(spec, "timeZone");
    String problem = "";
    if (zone.isEmpty()) {
      problem = "timeZone must be nil or non-empty string";
    } else if (zone.equalsIgnoreCase("Local")) {
      problem =
          "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    } else if (!ZoneId.getAvailableZoneIds().contains(zone)) {
      // An offset is a zone to Java alone.
      problem = "unknown time zone " + zone;
    }
    if (!problem.isEmpty()) {
      errors.add(FieldError.invalid("spec.timeZone", zone, problem));
    }
  }
}
