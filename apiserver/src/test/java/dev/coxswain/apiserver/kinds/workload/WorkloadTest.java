package dev.coxswain.apiserver.kinds.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.kinds.pod.PodStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.Strategy;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class WorkloadTest {
  private static final BuiltinSchemas SCHEMAS = BuiltinSchemas.load();
  private static final Strategy DEPLOYMENT =
      new DeploymentStrategy(SCHEMAS.kind("apps", "v1", "Deployment"));
  private static final Strategy JOB = new JobStrategy(SCHEMAS.kind("batch", "v1", "Job"));
  private static final Strategy CRON_JOB =
      new CronJobStrategy(SCHEMAS.kind("batch", "v1", "CronJob"));
  private static final Strategy DAEMON_SET =
      new DaemonSetStrategy(SCHEMAS.kind("apps", "v1", "DaemonSet"));
  private static final Strategy STATEFUL_SET =
      new StatefulSetStrategy(SCHEMAS.kind("apps", "v1", "StatefulSet"));
  private static final String TEMPLATE =
      "'template':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':"
          + "[{'name':'a','image':'x:1'}]}}";
  private static final String SELECTOR = "'selector':{'matchLabels':{'app':'web'}}";

  private static ObjectNode created(Strategy strategy, String spec) {
    ObjectNode object =
        Json.parseObject(
            ("{'metadata':{'name':'w','uid':'u-1'},'spec':" + spec + "}").replace('\'', '"'));
    strategy.prepareForCreate(object);
    strategy.fillDefaults(object);
    return object;
  }

  private static List<String> problems(Strategy strategy, String spec) {
    return strategy.validate(created(strategy, spec)).stream().map(FieldError::message).toList();
  }

  @Test
  void whatAStatefulSetsPodsMountMayBeAClaimOfIts() {
    String spec =
        "{"
            + SELECTOR
            + ",'template':{'metadata':{'labels':{'app':'web'}},'spec':{RESTART'containers':"
            + "[{'name':'a','image':'x:1','volumeMounts':[{'name':'www','mountPath':'/www'}]}]}},"
            + "'volumeClaimTemplates':[{'metadata':{'name':'www'},'spec':{'accessModes':"
            + "['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}]}";
    assertThat(problems(STATEFUL_SET, spec.replace("RESTART", ""))).isEmpty();
    assertThat(problems(STATEFUL_SET, spec.replace("RESTART", "'restartPolicy':'Never',")))
        .containsExactly(
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values:"
                + " \"Always\"");
  }

  @Test
  void deploymentsRollByAQuarter() {
    ObjectNode deployment = created(DEPLOYMENT, "{" + SELECTOR + "," + TEMPLATE + "}");
    assertThat(DEPLOYMENT.validate(deployment)).isEmpty();
    ObjectNode spec = (ObjectNode) deployment.path("spec");
    assertThat(spec.path("strategy").toString())
        .isEqualTo(
            "{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\","
                + "\"maxSurge\":\"25%\"}}");
    assertThat(spec.path("replicas").asInt()).isEqualTo(1);
    assertThat(spec.path("revisionHistoryLimit").asInt()).isEqualTo(10);
    assertThat(spec.path("progressDeadlineSeconds").asInt()).isEqualTo(600);
    assertThat(spec.at("/template/spec/restartPolicy").asString()).isEqualTo("Always");
    assertThat(spec.at("/template/spec").has("enableServiceLinks")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'selector':{'matchLabels':{'app':'other'}},TEMPLATE} | spec.template.metadata.labels:"
            + " Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`",
        "{TEMPLATE} | spec.selector: Required value",
        "{'selector':{},TEMPLATE} | spec.selector: Invalid value: {}: empty selector is invalid for"
            + " deployment",
        "{'replicas':-1,SELECTOR,TEMPLATE} | spec.replicas: Invalid value: -1: must be greater than"
            + " or equal to 0",
        "{SELECTOR,TEMPLATE,'strategy':{'type':'Recreate','rollingUpdate':{}}} |"
            + " spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type`"
            + " is 'Recreate'",
        "{SELECTOR,TEMPLATE,'strategy':{'rollingUpdate':{'maxSurge':0,'maxUnavailable':'0%'}}} |"
            + " spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0"
            + " when `maxSurge` is 0",
        "{SELECTOR,TEMPLATE,'progressDeadlineSeconds':5,'minReadySeconds':5} |"
            + " spec.progressDeadlineSeconds: Invalid value: 5: must be greater than"
            + " minReadySeconds",
      })
  void saysWhatIsWrongWithADeployment(String spec, String problem) {
    String whole = spec.replace("SELECTOR", SELECTOR).replace("TEMPLATE", TEMPLATE);
    assertThat(problems(DEPLOYMENT, whole)).containsExactly(problem);
  }

  @Test
  void aSelectorStays() {
    ObjectNode old = created(DEPLOYMENT, "{" + SELECTOR + "," + TEMPLATE + "}");
    ObjectNode changed = old.deepCopy();
    ((ObjectNode) changed.at("/spec/selector/matchLabels")).put("x", "y");
    ((ObjectNode) changed.at("/spec/template/metadata/labels")).put("x", "y");
    assertThat(DEPLOYMENT.validateUpdate(changed, old))
        .extracting(FieldError::message)
        .containsExactly(
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\",\"x\":\"y\"}}: field"
                + " is immutable");
  }

  @Test
  void theGenerationCountsWhatIsWanted() {
    ObjectNode old = created(DEPLOYMENT, "{" + SELECTOR + "," + TEMPLATE + "}");
    ((ObjectNode) old.path("metadata")).put("generation", 7L);
    ObjectNode labelled = old.deepCopy();
    ((ObjectNode) labelled.path("metadata")).putObject("labels").put("a", "b");
    DEPLOYMENT.prepareForUpdate(labelled, old);
    assertThat(labelled.at("/metadata/generation").asLong()).isEqualTo(7);
    ObjectNode scaled = old.deepCopy();
    ((ObjectNode) scaled.path("spec")).put("replicas", 3);
    DEPLOYMENT.prepareForUpdate(scaled, old);
    assertThat(scaled.at("/metadata/generation").asLong()).isEqualTo(8);
    ObjectNode reported = scaled.deepCopy();
    reported.putObject("status").put("replicas", 2);
    DEPLOYMENT.prepareForStatusUpdate(reported, old);
    assertThat(reported.at("/spec/replicas").asInt()).isEqualTo(1);
    assertThat(reported.at("/status/replicas").asInt()).isEqualTo(2);
  }

  @Test
  void jobsSelectByTheirIdentity() {
    ObjectNode job =
        created(
            JOB,
            "{'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'x'}]}}}");
    assertThat(JOB.validate(job)).isEmpty();
    assertThat(job.at("/spec/selector/matchLabels").toString())
        .isEqualTo("{\"batch.kubernetes.io/controller-uid\":\"u-1\"}");
    assertThat(job.at("/spec/template/metadata/labels/job-name").asString()).isEqualTo("w");
    assertThat(job.at("/spec/backoffLimit").asInt()).isEqualTo(6);
    assertThat(job.at("/spec/completions").asInt()).isEqualTo(1);
    assertThat(problems(JOB, "{" + TEMPLATE + "}"))
        .containsExactly(
            "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\","
                + " \"Never\"");
  }

  @Test
  void aConditionThatAFailurePolicyNamesIsOneThatHolds() {
    String spec =
        "'podFailurePolicy':{'rules':[{'action':'Ignore','onPodConditions':[{'type':'DisruptionTarget'}]}]},"
            + "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'x'}]}}";
    ObjectNode job = created(JOB, "{" + spec + "}");
    assertThat(JOB.validate(job)).isEmpty();
    assertThat(job.at("/spec/podFailurePolicy/rules/0/onPodConditions/0/status").asString())
        .isEqualTo("True");
    assertThat(problems(CRON_JOB, "{'schedule':'@daily','jobTemplate':{'spec':{" + spec + "}}}"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/5 * * * * | true",
        "0 9-17/2 1,15 JAN MON-FRI | true",
        "@hourly | true",
        "@every 1h30m | true",
        "0 0 * * 7 | false",
        "60 * * * * | false",
        "0 0 1 foo * | false",
        "@every soon | false",
        "* * * * | false",
        "TZ=UTC * * * * * | false",
        "now and then | false",
      })
  void readsSchedules(String schedule, boolean valid) {
    String spec =
        "{'schedule':'"
            + schedule
            + "','jobTemplate':{'spec':{'template':{'spec':{'restartPolicy':'Never',"
            + "'containers':[{'name':'a','image':'x'}]}}}}}";
    assertThat(problems(CRON_JOB, spec).isEmpty()).isEqualTo(valid);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 0 * * 7 | end of range (7) above maximum (6): 7",
        "5-1 * * * * | beginning of range (5) beyond end of range (1): 5-1",
        "*/0 * * * * | step of range should be a positive number: */0",
        "1-2-3 * * * * | too many hyphens: 1-2-3",
        "1/2/3 * * * * | too many slashes: 1/2/3",
        "* * 0 * * | beginning of range (0) below minimum (1): 0",
        "* * * * | expected exactly 5 fields, found 4: [* * * *]",
        "@never | unrecognized descriptor: @never",
        "a * * * * | failed to parse int from a: strconv.Atoi: parsing 'a': invalid syntax",
      })
  void saysWhatIsWrongWithASchedule(String schedule, String problem) {
    assertThat(Schedules.problem(schedule).orElseThrow().replace('"', '\'')).isEqualTo(problem);
  }

  private static final String ENDING =
      "'template':{'spec':{'restartPolicy':'Never','containers':[{'name':'a','image':'x'}]}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'manualSelector':true | spec.selector: Required value",
        "'manualSelector':true,'selector':{'matchLabels':{'a':'b'}} |"
            + " spec.template.metadata.labels: Invalid value: {}: `selector` does not match"
            + " template `labels`",
        "'selector':{'matchLabels':{'controller-uid':'u-1'}} | -",
        "'maxFailedIndexes':1,'completionMode':'Indexed','completions':2 |"
            + " spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
        "'backoffLimitPerIndex':1 | spec.backoffLimitPerIndex: Invalid value: 1: requires indexed"
            + " completion mode",
        "'completionMode':'Indexed','completions':1,'parallelism':100001 | spec.parallelism:"
            + " Invalid value: 100001: must be less than or equal to 100000 when completion mode is"
            + " Indexed",
        "'managedBy':'me' | spec.managedBy: Invalid value: 'me': must be a domain-prefixed path"
            + " (such as 'acme.io/foo')",
        "'successPolicy':{'rules':[{'succeededCount':1}]} | spec.successPolicy: Invalid value:"
            + " {'rules':[{'succeededCount':1}]}: requires indexed completion mode",
        "'completionMode':'Indexed','completions':3,'successPolicy':{'rules':["
            + "{'succeededIndexes':'0-1','succeededCount':3}]} |"
            + " spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or"
            + " equal to 2 (the number of indexes in the specified succeededIndexes field)",
        "'completionMode':'Indexed','completions':3,'successPolicy':{'rules':["
            + "{'succeededIndexes':'2-1'}]} | spec.successPolicy.rules[0].succeededIndexes: Invalid"
            + " value: '2-1': error parsing succeededIndexes: non-increasing order, previous: 2,"
            + " current: 1",
        "'podFailurePolicy':{'rules':[{'action':'FailJob','onExitCodes':{'operator':'In',"
            + "'values':[0]}}]} | spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid"
            + " value: 0: must not be 0 for the In operator",
        "'podFailurePolicy':{'rules':[{'action':'FailJob','onExitCodes':{'operator':'In',"
            + "'containerName':'z','values':[2,1]}}]} |"
            + " spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: 'z': must"
            + " be one of the container or initContainer names in the pod template;"
            + " spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1]: must be"
            + " ordered",
        "'podFailurePolicy':{'rules':[{'action':'FailIndex','onExitCodes':{'operator':'In','values':[1]}}]}"
            + " | spec.podFailurePolicy.rules[0].action: Invalid value: 'FailIndex': requires the"
            + " backoffLimitPerIndex to be set",
        "'podFailurePolicy':{'rules':[{'action':'Count'}]} | spec.podFailurePolicy.rules[0]:"
            + " Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
      })
  void saysWhatIsWrongWithAJob(String fields, String said) {
    assertThat(problems(JOB, "{" + fields + "," + ENDING + "}"))
        .containsExactlyElementsOf(
            said.equals("-") ? List.of() : List.of(said.replace('\'', '"').split("; ", -1)));
  }

  @Test
  void aJobsOwnPodsAreAllThatItSelects() {
    ObjectNode job = created(JOB, "{'selector':{'matchLabels':{'app':'web'}}," + ENDING + "}");
    assertThat(JOB.validate(job))
        .extracting(FieldError::message)
        .contains(
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\"}}: `selector` not"
                + " auto-generated");
    assertThat(
            problems(
                CRON_JOB,
                "{'schedule':'@daily','jobTemplate':{'spec':{'manualSelector':true,'selector':{},"
                    + ENDING
                    + "}}}"))
        .containsExactly(
            "spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated",
            "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values:"
                + " \"false\", \"nil\"");
  }

  @ParameterizedTest
  @CsvSource({"Europe/Berlin,true", "UTC,true", "+02:00,false", "Local,false", "Moon,false"})
  void anOffsetIsNoTimeZone(String zone, boolean valid) {
    String spec = "{'schedule':'@daily','timeZone':'" + zone + "','jobTemplate':{'spec':{";
    assertThat(problems(CRON_JOB, spec + ENDING + "}}}").isEmpty()).isEqualTo(valid);
  }

  @Test
  void whereAJobRunsMayChangeUntilItBegins() {
    ObjectNode old = created(JOB, "{'suspend':true," + ENDING + "}");
    ObjectNode moved = old.deepCopy();
    ObjectNode spec = (ObjectNode) moved.at("/spec/template/spec");
    spec.putObject("nodeSelector").put("zone", "a");
    spec.withObject("/affinity/nodeAffinity").putArray("preferred");
    ((ObjectNode) moved.at("/spec/template/metadata/labels")).put("x", "y");
    assertThat(changes(moved, old)).isEmpty();
    ObjectNode other = moved.deepCopy();
    ((ObjectNode) other.at("/spec/template/spec/containers/0")).put("image", "y");
    assertThat(changes(other, old))
        .singleElement()
        .asString()
        .startsWith("spec.template: Invalid value: ")
        .endsWith(": field is immutable");
    old.putObject("status").put("startTime", "2026-01-01T00:00:00Z");
    assertThat(changes(moved, old)).singleElement().asString().startsWith("spec.template: ");
  }

  private static List<String> changes(ObjectNode object, ObjectNode old) {
    List<FieldError> errors = new ArrayList<>();
    new JobStrategy(SCHEMAS.kind("batch", "v1", "Job")).validateChangeInto(object, old, errors);
    return errors.stream().map(FieldError::message).toList();
  }

  @Test
  void whatIsRarelyMeantOfPodsIsSaidWhenTheyChange() {
    ObjectNode old = created(DEPLOYMENT, "{" + SELECTOR + "," + TEMPLATE + "}");
    ((ObjectNode) old.path("metadata")).put("name", "a.b");
    assertThat(DEPLOYMENT.warnings(old, null))
        .singleElement()
        .asString()
        .startsWith(
            "metadata.name: this is used in Pod names and hostnames, which can result in"
                + " surprising behavior; a DNS label is recommended: [a lowercase RFC 1123 label");
    ObjectNode changed = old.deepCopy();
    ((ObjectNode) changed.at("/spec/template/spec"))
        .putObject("nodeSelector")
        .put("beta.kubernetes.io/os", "linux");
    DEPLOYMENT.prepareForUpdate(changed, old);
    assertThat(DEPLOYMENT.warnings(changed, old))
        .containsExactly(
            "spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use"
                + " \"kubernetes.io/os\" instead");
    assertThat(DEPLOYMENT.warnings(changed, changed)).isEmpty();
    ObjectNode job = created(JOB, "{" + ENDING + "}");
    ((ObjectNode) job.path("metadata")).put("name", "a.b");
    assertThat(JOB.warnings(job, null)).hasSize(1);
  }

  @Test
  void aPortOfTheHostIsGivenToPodsAndNotToTemplates() {
    String template =
        TEMPLATE.replace(
            "'image':'x:1'", "'image':'x:1','ports':[{'containerPort':80}]}],'hostNetwork':true");
    ObjectNode deployment =
        created(DEPLOYMENT, "{" + SELECTOR + "," + template.replace("true}]}}", "true}}") + "}");
    assertThat(deployment.at("/spec/template/spec/containers/0/ports/0").has("hostPort")).isFalse();
    ObjectNode pod = (ObjectNode) deployment.at("/spec/template").deepCopy();
    new PodStrategy(SCHEMAS.kind("", "v1", "Pod")).fillDefaults(pod);
    assertThat(pod.at("/spec/containers/0/ports/0/hostPort").asInt()).isEqualTo(80);
  }

  @Test
  void daemonAndStatefulSetsHaveTheirOwnRollouts() {
    ObjectNode daemons = created(DAEMON_SET, "{" + SELECTOR + "," + TEMPLATE + "}");
    assertThat(DAEMON_SET.validate(daemons)).isEmpty();
    assertThat(daemons.at("/spec/updateStrategy/rollingUpdate").toString())
        .isEqualTo("{\"maxUnavailable\":1,\"maxSurge\":0}");
    ObjectNode members =
        created(STATEFUL_SET, "{" + SELECTOR + ",'serviceName':'s'," + TEMPLATE + "}");
    assertThat(STATEFUL_SET.validate(members)).isEmpty();
    assertThat(members.at("/spec/podManagementPolicy").asString()).isEqualTo("OrderedReady");
    ObjectNode renamed = members.deepCopy();
    ((ObjectNode) renamed.path("spec")).put("serviceName", "t");
    assertThat(STATEFUL_SET.validateUpdate(renamed, members))
        .singleElement()
        .satisfies(error -> assertThat(error.message()).startsWith("spec: Forbidden: updates to"));
  }

  @Test
  void deploymentsPrintAsUpstreams() {
    ObjectNode deployment = created(DEPLOYMENT, "{'replicas':3," + SELECTOR + "," + TEMPLATE + "}");
    deployment.putObject("status").put("readyReplicas", 2).put("updatedReplicas", 1);
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    List<Column> columns = WorkloadColumns.deployment();
    assertThat(columns.stream().map(Column::name))
        .containsExactly(
            "Name", "Ready", "Up-to-date", "Available", "Age", "Containers", "Images", "Selector");
    assertThat(columns.stream().map(column -> String.valueOf(column.cell().of(deployment, now))))
        .containsExactly("w", "2/3", "1", "0", "<unknown>", "a", "x:1", "app=web");
  }
}
