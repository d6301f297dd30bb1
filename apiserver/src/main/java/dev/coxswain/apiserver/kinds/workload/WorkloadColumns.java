package dev.coxswain.apiserver.kinds.workload;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Ages;
import dev.coxswain.apiserver.table.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of workloads. */
public final class WorkloadColumns {
  private static final String CONTAINERS = "The names of the containers in the template.";
  private static final String IMAGES = "The images of the containers in the template.";
  private static final String SELECTOR = "Which pods belong to it.";

  private WorkloadColumns() {}

  private static String selector(JsonNode object) {
    JsonNode selector = object.path("spec").path("selector");
    try {
      return Columns.orNone(LabelSelector.of(selector).toString());
    } catch (IllegalArgumentException malformed) {
      return "<invalid>";
    }
  }

  private static Column containers(String... template) {
    return Columns.wide("Containers", CONTAINERS, object -> ofContainers(object, "name", template));
  }

  private static Column images(String... template) {
    return Columns.wide("Images", IMAGES, object -> ofContainers(object, "image", template));
  }

  private static String ofContainers(JsonNode object, String field, String... template) {
    return Columns.joined(Json.at(object, template).path("containers"), field);
  }

  /** Of templates of pods. */
  public static List<Column> podTemplate() {
    return Columns.named(
        Columns.text("Containers", CONTAINERS, t -> ofContainers(t, "name", "template", "spec")),
        Columns.text("Images", IMAGES, t -> ofContainers(t, "image", "template", "spec")),
        Columns.text(
            "Pod Labels",
            "The labels of pods made of it.",
            t -> Columns.labels(Json.at(t, "template", "metadata", "labels"))));
  }

  private static Column selectorColumn() {
    return Columns.wide("Selector", SELECTOR, WorkloadColumns::selector);
  }

  private static String ratio(ObjectNode object, String status) {
    return Json.number(object, 0, "status", status) + "/" + wanted(object);
  }

  private static long wanted(ObjectNode object) {
    return Json.number(object, 0, "spec", "replicas");
  }

  /** Of deployments. */
  public static List<Column> deployment() {
    return Columns.named(
        Columns.text(
            "Ready", "How many pods are ready, of how many.", d -> ratio(d, "readyReplicas")),
        Columns.number(
            "Up-to-date", "How many pods have the newest template.", "status", "updatedReplicas"),
        Columns.number(
            "Available", "How many pods have been ready for long.", "status", "availableReplicas"),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"),
        selectorColumn());
  }

  /** Of replica sets. */
  public static List<Column> replicaSet() {
    return Columns.named(
        Columns.number("Desired", "How many pods are wanted.", WorkloadColumns::wanted),
        Columns.number("Current", "How many pods there are.", "status", "replicas"),
        Columns.number("Ready", "How many pods are ready.", "status", "readyReplicas"),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"),
        selectorColumn());
  }

  /** Of replication controllers. */
  public static List<Column> replicationController() {
    return Columns.named(
        Columns.number("Desired", "How many pods are wanted.", WorkloadColumns::wanted),
        Columns.number("Current", "How many pods there are.", "status", "replicas"),
        Columns.number("Ready", "How many pods are ready.", "status", "readyReplicas"),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"),
        Columns.wide("Selector", SELECTOR, rc -> Columns.labels(Json.at(rc, "spec", "selector"))));
  }

  /** Of stateful sets. */
  public static List<Column> statefulSet() {
    return Columns.named(
        Columns.text(
            "Ready", "How many pods are ready, of how many.", s -> ratio(s, "readyReplicas")),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"));
  }

  /** Of daemon sets. */
  public static List<Column> daemonSet() {
    return Columns.named(
        Columns.number(
            "Desired", "How many nodes should run a pod.", "status", "desiredNumberScheduled"),
        Columns.number("Current", "How many nodes run a pod.", "status", "currentNumberScheduled"),
        Columns.number("Ready", "How many pods are ready.", "status", "numberReady"),
        Columns.number(
            "Up-to-date",
            "How many pods have the newest template.",
            "status",
            "updatedNumberScheduled"),
        Columns.number(
            "Available", "How many pods have been ready for long.", "status", "numberAvailable"),
        Columns.text(
            "Node Selector",
            "Which nodes should run a pod.",
            d -> Columns.labels(Json.at(d, "spec", "template", "spec", "nodeSelector"))),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"),
        selectorColumn());
  }

  /** Of jobs. */
  public static List<Column> job() {
    return Columns.named(
        Columns.text("Status", "How the job is doing.", WorkloadColumns::jobStatus),
        Columns.text(
            "Completions", "How many pods succeeded, of how many.", WorkloadColumns::completions),
        new Column("Duration", "string", "", "How long the job ran.", 0, WorkloadColumns::duration),
        Columns.age(),
        containers("spec", "template", "spec"),
        images("spec", "template", "spec"),
        selectorColumn());
  }

  private static String jobStatus(ObjectNode job) {
    if (isTrue(job, "Complete")) {
      return "Complete";
    }
    if (isTrue(job, "Failed")) {
      return "Failed";
    }
    if (Json.at(job, "metadata", "deletionTimestamp").isString()) {
      return "Terminating";
    }
    if (isTrue(job, "Suspended")) {
      return "Suspended";
    }
    if (isTrue(job, "FailureTarget")) {
      return "FailureTarget";
    }
    return isTrue(job, "SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running";
  }

  private static boolean isTrue(ObjectNode job, String type) {
    for (JsonNode condition : job.path("status").path("conditions")) {
      if (Json.text(condition, "type").equals(type)) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }

  private static String completions(ObjectNode job) {
    long succeeded = Json.number(job, 0, "status", "succeeded");
    if (Json.at(job, "spec", "completions").isNumber()) {
      return succeeded + "/" + Json.number(job, 0, "spec", "completions");
    }
    long parallel = Json.number(job, 0, "spec", "parallelism");
    return parallel > 1 ? succeeded + "/1 of " + parallel : succeeded + "/1";
  }

  private static String duration(ObjectNode job, Instant now) {
    String start = Json.text(job, "status", "startTime");
    if (start.isEmpty()) {
      return "";
    }
    String end = Json.text(job, "status", "completionTime");
    Instant until = end.isEmpty() ? now : Instant.parse(end);
    return Ages.text(Duration.between(Instant.parse(start), until));
  }

  /** Of jobs on a schedule. */
  public static List<Column> cronJob() {
    return Columns.named(
        Columns.text("Schedule", "When jobs start.", c -> Json.text(c, "spec", "schedule")),
        Columns.text(
            "Timezone", "Whose clock counts.", c -> Columns.textOrNone(c, "spec", "timeZone")),
        Columns.text(
            "Suspend",
            "Whether no jobs start.",
            c -> Json.flag(c, "spec", "suspend") ? "True" : "False"),
        Columns.number("Active", "How many jobs run.", c -> Json.at(c, "status", "active").size()),
        new Column(
            "Last Schedule",
            "string",
            "",
            "How long ago the last job started.",
            0,
            (c, now) ->
                Json.at(c, "status", "lastScheduleTime").isString()
                    ? Ages.since(Json.at(c, "status", "lastScheduleTime"), now)
                    : Columns.orNone("")),
        Columns.age(),
        containers("spec", "jobTemplate", "spec", "template", "spec"),
        images("spec", "jobTemplate", "spec", "template", "spec"),
        Columns.wide(
            "Selector",
            SELECTOR,
            c -> {
              ObjectNode job = Json.objectAt(c, "spec", "jobTemplate");
              return job == null ? Columns.orNone("") : selector(job);
            }));
  }
}
