package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Jobs and CronJobs come to the ends that they were promised, pods and all. */
@ExtendWith(SharedCluster.class)
final class JobEndToEndTest {
  private static final String NAMESPACE = "jobs";
  private static final String BATCH = "/apis/batch/v1/namespaces/" + NAMESPACE;
  private static final String CORE = "/api/v1/namespaces/" + NAMESPACE;
  private static final String ODD_ONES_FAIL = "exit $((JOB_COMPLETION_INDEX % 2))";
  private static final String GOES_ON = "while :; do sleep 1; done";

  private static RawApi api;

  @BeforeAll
  static void begin(Cluster cluster) {
    api = new RawApi(cluster);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterAll
  static void leaveNothing(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static void create(String name, String spec, String script) {
    api.create(
        BATCH + "/jobs",
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: %s}
        spec:
          %s
          template:
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 1
              containers: [{name: main, image: "coxswain/demo:1", command: [sh, -c, '%s']}]
        """
            .formatted(name, spec.strip().replace("\n", "\n  "), script));
  }

  /** Waits until the Job is over; its status. */
  private static JsonNode end(String name, String type, String reason) {
    JsonNode job =
        api.await(
            name + " is " + type, BATCH + "/jobs/" + name, seen -> condition(seen, type, reason));
    return job.path("status");
  }

  private static boolean condition(JsonNode object, String type, String reason) {
    return Cluster.stream(object.path("status").path("conditions"))
        .anyMatch(condition ->
            condition.path("type").asString().equals(type)
                && condition.path("status").asString().equals("True")
                && condition.path("reason").asString("").equals(reason));
  }

  private static List<JsonNode> pods(String job) {
    return Cluster.stream(
            api.get(CORE + "/pods?labelSelector=batch.kubernetes.io/job-name=" + job).path("items"))
        .toList();
  }

  private static void mustSay(JsonNode status, Map<String, String> wanted) {
    wanted.forEach((field, value) ->
        assertThat(status.path(field).asString("")).as(field + " of " + status).isEqualTo(value));
  }

  @Test
  void anExitCodeFailsTheJobAtOnce() {
    create(
        "doomed",
        """
        parallelism: 2
        completions: 4
        podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [7]}}]}
        """,
        "exit 7");
    JsonNode status = end("doomed", "Failed", "PodFailurePolicy");
    assertThat(
            condition(
                status.isMissingNode() ? status : job("doomed"),
                "FailureTarget",
                "PodFailurePolicy"))
        .isTrue();
    assertThat(status.path("failed").asInt()).isLessThanOrEqualTo(2);
  }

  private static JsonNode job(String name) {
    return api.get(BATCH + "/jobs/" + name);
  }

  @Test
  void whatAnEvictionEndsIsNotHeldAgainstTheJob(Cluster cluster) {
    create(
        "evicted",
        """
        backoffLimit: 0
        completionMode: Indexed
        completions: 2
        parallelism: 2
        podFailurePolicy:
          rules:
            - {action: Ignore, onPodConditions: [{type: DisruptionTarget, status: "True"}]}
        """,
        "test $JOB_COMPLETION_INDEX = 1 || " + GOES_ON);
    api.await(
        "one succeeds", BATCH + "/jobs/evicted", job -> job.at("/status/succeeded").asInt(0) == 1);
    JsonNode running =
        api.await(
                "one goes on",
                CORE + "/pods?labelSelector=batch.kubernetes.io/job-name=evicted",
                list -> Cluster.stream(list.path("items")).anyMatch(JobEndToEndTest::ready))
            .path("items");
    String name =
        Cluster.stream(running)
            .filter(JobEndToEndTest::ready)
            .findFirst()
            .orElseThrow()
            .at("/metadata/name")
            .asString();
    api.create(
        CORE + "/pods/" + name + "/eviction",
        "{apiVersion: policy/v1, kind: Eviction, metadata: {name: %s}}".formatted(name));
    api.awaitGone(CORE + "/pods/" + name);
    api.await(
        "another pod for its index",
        BATCH + "/jobs/evicted",
        job -> job.at("/status/active").asInt(0) == 1 && job.at("/status/ready").asInt(0) == 1);
    mustSay(job("evicted").path("status"), Map.of("succeeded", "1", "completedIndexes", "1"));
    assertThat(job("evicted").at("/status/failed").asInt(0)).isZero();
    cluster.kubectl("-n", NAMESPACE, "delete", "job", "evicted");
  }

  private static boolean ready(JsonNode pod) {
    return Cluster.stream(pod.at("/status/conditions"))
        .anyMatch(condition ->
            condition.path("type").asString().equals("Ready")
                && condition.path("status").asString().equals("True"));
  }

  @Test
  void everyIndexHasItsPodAndItsName() {
    create("numbered", "completionMode: Indexed\ncompletions: 3\nparallelism: 3", "hostname");
    JsonNode status = end("numbered", "Complete", "CompletionsReached");
    mustSay(status, Map.of("succeeded", "3", "completedIndexes", "0-2"));
    assertThat(pods("numbered"))
        .extracting(pod -> pod.at("/spec/hostname").asString())
        .containsExactlyInAnyOrder("numbered-0", "numbered-1", "numbered-2");
  }

  @Test
  void eachIndexHasItsOwnLimit() {
    create(
        "patient",
        "completionMode: Indexed\ncompletions: 4\nparallelism: 4\nbackoffLimitPerIndex: 1",
        ODD_ONES_FAIL);
    JsonNode status = end("patient", "Failed", "FailedIndexes");
    mustSay(
        status,
        Map.of("failedIndexes", "1,3", "completedIndexes", "0,2", "failed", "4", "succeeded", "2"));
    assertThat(condition(job("patient"), "FailureTarget", "FailedIndexes")).isTrue();
  }

  @Test
  void tooManyFailedIndexesEndTheJob() {
    create(
        "strict",
        """
        completionMode: Indexed
        completions: 4
        parallelism: 1
        backoffLimitPerIndex: 0
        maxFailedIndexes: 0
        """,
        "exit 1");
    mustSay(
        end("strict", "Failed", "MaxFailedIndexesExceeded"),
        Map.of("failedIndexes", "0", "failed", "1"));
  }

  @Test
  void anExitCodeFailsItsIndexAlone() {
    create(
        "choosy",
        """
        completionMode: Indexed
        completions: 2
        parallelism: 2
        backoffLimitPerIndex: 1
        podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [1]}}]}
        """,
        ODD_ONES_FAIL);
    mustSay(
        end("choosy", "Failed", "FailedIndexes"),
        Map.of("failedIndexes", "1", "completedIndexes", "0", "failed", "1", "succeeded", "1"));
  }

  @Test
  void aSuccessPolicyEndsTheJobBeforeAllAreDone() {
    Map<String, String> rules =
        Map.of("by-index", "succeededIndexes: \"0\"", "by-count", "succeededCount: 1");
    rules.forEach((name, rule) ->
        create(
            name,
            """
            completionMode: Indexed
            completions: 5
            parallelism: 2
            backoffLimit: 2147483647
            successPolicy: {rules: [{%s}]}
            """
                .formatted(rule),
            ODD_ONES_FAIL));
    for (String name : rules.keySet()) {
      JsonNode status = end(name, "Complete", "SuccessPolicy");
      mustSay(
          status,
          Map.of(
              "succeeded",
              "1",
              "completedIndexes",
              "0",
              "ready",
              "0",
              "terminating",
              "0",
              "active",
              ""));
      assertThat(condition(job(name), "SuccessCriteriaMet", "SuccessPolicy")).isTrue();
    }
  }

  @Test
  void aSuccessPolicyMayNameAllIndexes() {
    create(
        "by-all",
        """
        completionMode: Indexed
        completions: 2
        parallelism: 2
        successPolicy: {rules: [{succeededIndexes: "0,1"}]}
        """,
        "exit 0");
    mustSay(
        end("by-all", "Complete", "SuccessPolicy"),
        Map.of("succeeded", "2", "completedIndexes", "0,1"));
  }

  @Test
  void theStatusTakesWhatOthersSay() {
    create("blessed", "parallelism: 2\ncompletions: 4", GOES_ON);
    api.await(
        "two are ready", BATCH + "/jobs/blessed", job -> job.at("/status/ready").asInt(0) == 2);
    JsonNode patched =
        api.patch(
            BATCH + "/jobs/blessed/status",
            RawApi.MERGE_PATCH,
            """
            {"metadata": {"annotations": {"blessed": "yes"}},
             "status": {"conditions": [{"type": "Blessed", "status": "True", "lastProbeTime": null,
               "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
            """);
    assertThat(patched.at("/metadata/annotations/blessed").asString("")).isEqualTo("yes");
    assertThat(condition(patched, "Blessed", "")).isTrue();
    api.patch(BATCH + "/jobs/blessed", RawApi.MERGE_PATCH, "{\"spec\": {\"suspend\": true}}");
    JsonNode suspended =
        api.await(
            "it is suspended",
            BATCH + "/jobs/blessed",
            job ->
                condition(job, "Suspended", "JobSuspended")
                    && job.at("/status/active").isMissingNode());
    assertThat(condition(suspended, "Blessed", "")).isTrue();
    api.await(
        "its pods go",
        CORE + "/pods?labelSelector=job-name=blessed",
        pods -> pods.path("items").isEmpty());
  }

  @Test
  void whatMayRunAtOnceIsTheCronJobsToSay() {
    for (String policy : List.of("Allow", "Forbid", "Replace", "Suspended")) {
      boolean suspended = policy.equals("Suspended");
      api.create(
          BATCH + "/cronjobs",
          """
          apiVersion: batch/v1
          kind: CronJob
          metadata: {name: %s}
          spec:
            schedule: "*/1 * * * ?"
            suspend: %s
            concurrencyPolicy: %s
            jobTemplate:
              spec:
                template:
                  spec:
                    restartPolicy: OnFailure
                    terminationGracePeriodSeconds: 1
                    containers: [{name: main, image: "coxswain/demo:1", command: [sh, -c, "%s"]}]
          """
              .formatted(
                  policy.toLowerCase(Locale.ROOT),
                  suspended,
                  suspended ? "Allow" : policy,
                  GOES_ON));
    }
    // As if each had been there for some minutes: one is due at once, the next when a minute
    // strikes.
    String made =
        api.get(BATCH + "/cronjobs/allow").path("metadata").path("creationTimestamp").asString();
    String earlier = Instant.parse(made).minusSeconds(90).toString();
    for (String name : List.of("allow", "forbid", "replace", "suspended")) {
      api.patch(
          BATCH + "/cronjobs/" + name + "/status",
          RawApi.MERGE_PATCH,
          "{\"status\":{\"lastScheduleTime\":\"" + earlier + "\"}}");
    }
    String first = active("replace", 1).getFirst();
    String only = active("forbid", 1).getFirst();
    active("allow", 2);
    api.awaitGone(BATCH + "/jobs/" + first);
    // The one that goes is gone before the status says so.
    api.await(
        "the other alone is active",
        BATCH + "/cronjobs/replace",
        object ->
            object.at("/status/active").size() == 1
                && !object.at("/status/active/0/name").asString("").equals(first));
    assertThat(active("forbid", 1)).containsExactly(only);
    assertThat(jobs("forbid")).containsExactly(only);
    assertThat(jobs("suspended")).isEmpty();
    api.ask("DELETE", BATCH + "/cronjobs?propagationPolicy=Background").orFail();
    api.await("all jobs go", BATCH + "/jobs", seen -> jobs("").isEmpty());
  }

  /** The names of the Jobs that run for the CronJob, once there are as many as wanted. */
  private static List<String> active(String cronJob, int wanted) {
    JsonNode seen =
        api.await(
            wanted + " active for " + cronJob,
            BATCH + "/cronjobs/" + cronJob,
            object -> object.at("/status/active").size() >= wanted);
    return Cluster.stream(seen.at("/status/active"))
        .map(job -> job.path("name").asString())
        .toList();
  }

  /** The names of the Jobs that CronJobs of this name made; of all of this test where empty. */
  private static List<String> jobs(String cronJob) {
    return Cluster.stream(api.get(BATCH + "/jobs").path("items"))
        .filter(job -> job.at("/metadata/ownerReferences/0/name").asString("").startsWith(cronJob))
        .filter(job -> job.at("/metadata/ownerReferences/0/kind").asString("").equals("CronJob"))
        .map(job -> job.at("/metadata/name").asString())
        .toList();
  }
}
