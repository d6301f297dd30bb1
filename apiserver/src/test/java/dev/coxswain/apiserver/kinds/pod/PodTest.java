package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class PodTest {
  private static final PodStrategy STRATEGY =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static ObjectNode created(String spec) {
    ObjectNode pod = json("{'metadata':{'name':'p'},'spec':" + spec + "}");
    STRATEGY.prepareForCreate(pod);
    STRATEGY.fillDefaults(pod);
    return pod;
  }

  private static List<String> problems(String spec) {
    return STRATEGY.validate(created(spec)).stream().map(FieldError::message).toList();
  }

  @Test
  void fillsInWhatIsLeftOut() {
    ObjectNode pod =
        created(
            """
            {'serviceAccount':'robot','containers':[{'name':'c','image':'nginx','ports':[{'containerPort':80}],
            'livenessProbe':{'httpGet':{'port':80}},'env':[{'name':'A','valueFrom':{'fieldRef':
            {'fieldPath':'metadata.name'}}}],'resources':{'limits':{'cpu':'1'}}}],
            'volumes':[{'name':'v','secret':{'secretName':'s'}},{'name':'e'}]}\
            """);
    assertThat(pod.path("spec"))
        .isEqualTo(
            json(
                """
                {'serviceAccount':'robot','containers':[{'name':'c','image':'nginx',
                'ports':[{'containerPort':80,'protocol':'TCP'}],
                'livenessProbe':{'httpGet':{'port':80,'path':'/','scheme':'HTTP'},'timeoutSeconds':1,
                'periodSeconds':10,'successThreshold':1,'failureThreshold':3},
                'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.name','apiVersion':'v1'}}}],
                'resources':{'limits':{'cpu':'1'},'requests':{'cpu':'1'}},'imagePullPolicy':'Always',
                'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'}],
                'volumes':[{'name':'v','secret':{'secretName':'s','defaultMode':420}},
                {'name':'e','emptyDir':{}}],'enableServiceLinks':true,'restartPolicy':'Always',
                'terminationGracePeriodSeconds':30,'dnsPolicy':'ClusterFirst','securityContext':{},
                'schedulerName':'default-scheduler','serviceAccountName':'robot'}\
                """));
    assertThat(pod.path("status").toString())
        .isEqualTo("{\"phase\":\"Pending\",\"qosClass\":\"Burstable\"}");
    ObjectNode again = pod.deepCopy();
    STRATEGY.fillDefaults(again);
    assertThat(again).as("defaults are idempotent").isEqualTo(pod);
    assertThat(STRATEGY.validate(pod)).isEmpty();
  }

  @Test
  void aPodWithLimitsOfItsOwnAsksForWhatItsContainersDoOrForItsLimits() {
    ObjectNode pod =
        created(
            """
            {'resources':{'limits':{'cpu':'2','memory':'1Gi'}},'containers':[
            {'name':'a','image':'i','resources':{'requests':{'cpu':'250m','ephemeral-storage':'1Mi'}}},
            {'name':'b','image':'i','resources':{'requests':{'cpu':'500m'}}}]}\
            """);
    assertThat(pod.path("spec").path("resources"))
        .isEqualTo(
            json("{'limits':{'cpu':'2','memory':'1Gi'},'requests':{'cpu':'750m','memory':'1Gi'}}"));
    assertThat(
            created("{'resources':{'requests':{'cpu':'1'}},'containers':[]}")
                .path("spec")
                .path("resources"))
        .as("without limits")
        .isEqualTo(json("{'requests':{'cpu':'1'}}"));
  }

  @ParameterizedTest
  @CsvSource({
    "nginx, Always",
    "nginx:latest, Always",
    "nginx:1.2, IfNotPresent",
    "localhost:5000/nginx, Always",
    "localhost:5000/nginx:1, IfNotPresent",
    "nginx@sha256:aa, IfNotPresent",
    "nginx:latest@sha256:aa, Always",
  })
  void pullsWhatMayHaveChanged(String image, String policy) {
    assertThat(PodDefaults.pullPolicy(image)).isEqualTo(policy);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}}]} |"
            + " Guaranteed",
        "{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'},'requests':{'cpu':'500m'}}}]}"
            + " | Burstable",
        "{'containers':[{'name':'a','resources':{'limits':{'cpu':'1','memory':'1Gi'}}},{'name':'b'}]}"
            + " | Burstable",
        "{'containers':[{'name':'a'}]} | BestEffort",
      })
  void classifies(String spec, String quality) {
    assertThat(created(spec).at("/status/qosClass").asString()).isEqualTo(quality);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | spec.containers: Required value",
        "{'containers':[{'name':'a'}]} | spec.containers[0].image: Required value",
        "{'containers':[{'name':'a','image':'x'},{'name':'a','image':'x'}]} |"
            + " spec.containers[1].name: Duplicate value: \"a\"",
        "{'containers':[{'name':'a','image':'x','ports':[{'containerPort':70000}]}]} |"
            + " spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1"
            + " and 65535, inclusive",
        "{'containers':[{'name':'a','image':'x','volumeMounts':[{'name':'v','mountPath':'/v'}]}]} |"
            + " spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
        "{'containers':[{'name':'a','image':'x'}],'restartPolicy':'Sometimes'} |"
            + " spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\","
            + " \"Never\", \"OnFailure\"",
        "{'containers':[{'name':'a','image':'x','resources':{'limits':{'cpu':'1'},'requests':{'cpu':'2'}}}]}"
            + " | spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or"
            + " equal to cpu limit of 1",
        "{'containers':[{'name':'a','image':'x','livenessProbe':{}}]} |"
            + " spec.containers[0].livenessProbe: Required value: must specify a handler type",
        "{'containers':[{'name':'a','image':'x','env':[{'name':'A','value':'v','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}}]}]}"
            + " | spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified"
            + " when `value` is not empty",
        "{'containers':[{'name':'a','image':'x'}],'volumes':[{'name':'v','emptyDir':{},'hostPath':{'path':'/x'}}]}"
            + " | spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
      })
  void saysWhatIsWrong(String spec, String problem) {
    assertThat(problems(spec)).containsExactly(problem);
  }

  @Test
  void sysctlsHaveNamesOfTheirForm() {
    String spec =
        "{'containers':[{'name':'a','image':'x'}],'securityContext':{'sysctls':["
            + "{'name':'foo-','value':'1'},{'name':'kernel.shmmax','value':'1'},"
            + "{'name':'net/ipv4/ip_forward','value':'1'},{'name':'bar..','value':'1'},"
            + "{'name':'kernel/shmmax','value':'2'}]}}";
    assertThat(problems(spec))
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith(
                        "spec.securityContext.sysctls[0].name: Invalid value: \"foo-\": must have"
                            + " at most 253 characters and match regex"),
            second ->
                assertThat(second)
                    .startsWith("spec.securityContext.sysctls[3].name: Invalid value: \"bar..\""),
            third ->
                assertThat(third)
                    .isEqualTo(
                        "spec.securityContext.sysctls[4].name: Duplicate value:"
                            + " \"kernel/shmmax\""));
  }

  @Test
  void keepsTheSpecificationOfARunningPod() {
    ObjectNode old = created("{'containers':[{'name':'a','image':'x:1'}]}");
    ObjectNode image = old.deepCopy();
    ((ObjectNode) image.at("/spec/containers/0")).put("image", "x:2");
    assertThat(STRATEGY.validateUpdate(image, old)).isEmpty();
    STRATEGY.prepareForUpdate(image, old);
    assertThat(image.at("/metadata/generation").asLong()).isEqualTo(2);

    ObjectNode node = old.deepCopy();
    ((ObjectNode) node.path("spec")).put("nodeName", "n");
    assertThat(STRATEGY.validateUpdate(node, old))
        .singleElement()
        .satisfies(error ->
            assertThat(error.message())
                .startsWith("spec: Forbidden: pod updates may not change fields other than")
                .endsWith("changed: nodeName"));
  }

  @Test
  void statusUpdatesTouchTheStatusAlone() {
    ObjectNode old = created("{'containers':[{'name':'a','image':'x:1'}]}");
    ObjectNode reported = old.deepCopy();
    ((ObjectNode) reported.path("spec")).put("nodeName", "n");
    ((ObjectNode) reported.path("status")).put("phase", "Running").put("qosClass", "Guaranteed");
    STRATEGY.prepareForStatusUpdate(reported, old);
    assertThat(reported.path("spec")).isEqualTo(old.path("spec"));
    assertThat(reported.at("/status/phase").asString()).isEqualTo("Running");
    assertThat(reported.at("/status/qosClass").asString()).isEqualTo("BestEffort");
  }

  @Test
  void whatWasSeenOfAPodIsNotTakenBack() {
    ObjectNode old =
        json(
            "{'spec':{},'status':{'observedGeneration':3,'conditions':["
                + "{'type':'Ready','status':'True','observedGeneration':2}]}}");
    ObjectNode reported =
        json(
            "{'spec':{},'status':{'conditions':[{'type':'Ready','status':'False'},"
                + "{'type':'Own','status':'True'}]}}");
    STRATEGY.prepareForStatusUpdate(reported, old);
    assertThat(reported.path("status"))
        .isEqualTo(
            json(
                "{'conditions':[{'type':'Ready','status':'False','observedGeneration':2},"
                    + "{'type':'Own','status':'True'}],'observedGeneration':3}"));
    ObjectNode newer = json("{'spec':{},'status':{'observedGeneration':4}}");
    STRATEGY.prepareForStatusUpdate(newer, old);
    assertThat(newer.path("status").path("observedGeneration").asLong(0)).isEqualTo(4);
  }

  @Test
  void aGracePeriodBelowZeroIsOneSecond() {
    ObjectNode pod =
        created("{'terminationGracePeriodSeconds':-1,'containers':[{'name':'c','image':'i'}]}");
    assertThat(Json.number(pod, 0, "spec", "terminationGracePeriodSeconds")).isEqualTo(1);
    ObjectNode again = pod.deepCopy();
    Json.ensureObject(again, "spec").put("terminationGracePeriodSeconds", -1);
    STRATEGY.fillDefaults(again);
    assertThat(STRATEGY.validateUpdate(again, pod)).isEmpty();
  }

  @Test
  void goneAtOnceWhereNothingRuns() {
    ObjectNode pod = created("{'containers':[{'name':'a','image':'x'}]}");
    assertThat(STRATEGY.deletionGraceSeconds(pod, null)).isZero();
    ((ObjectNode) pod.path("spec")).put("nodeName", "n");
    assertThat(STRATEGY.deletionGraceSeconds(pod, null)).isEqualTo(30);
    assertThat(STRATEGY.deletionGraceSeconds(pod, 5L)).isEqualTo(5);
    ((ObjectNode) pod.path("spec")).put("terminationGracePeriodSeconds", -7);
    assertThat(STRATEGY.deletionGraceSeconds(pod, null)).isOne();
    assertThat(STRATEGY.deletionGraceSeconds(pod, -7L)).isOne();
    ((ObjectNode) pod.path("status")).put("phase", "Succeeded");
    assertThat(STRATEGY.deletionGraceSeconds(pod, 5L)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'phase':'Pending'} | 0/2 Pending 0",
        "{'phase':'Pending','initContainerStatuses':[{'name':'i','state':{'running':{}}}]} | 0/2"
            + " Init:0/1 0",
        "{'phase':'Pending','initContainerStatuses':[{'name':'i','restartCount':2,'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{'finishedAt':'2026-01-01T00:00:00Z'}}}]}"
            + " | 0/2 Init:CrashLoopBackOff 2 (60m ago)",
        "{'phase':'Pending','initContainerStatuses':[{'name':'i','state':{'terminated':{'exitCode':3}}}]}"
            + " | 0/2 Init:ExitCode:3 0",
        "{'phase':'Pending','initContainerStatuses':[{'name':'i','state':{'terminated':{'exitCode':0}}}],'containerStatuses':[{'name':'a','state':{'waiting':{'reason':'ContainerCreating'}}}]}"
            + " | 0/2 ContainerCreating 0",
        "{'phase':'Running','containerStatuses':[{'name':'a','ready':true,'state':{'running':{}}},{'name':'b','ready':true,'restartCount':1,'state':{'running':{}},'lastState':{'terminated':{'finishedAt':'2026-01-01T00:55:00Z'}}}]}"
            + " | 2/2 Running 1 (5m ago)",
        "{'phase':'Running','conditions':[{'type':'Ready','status':'False'}],'containerStatuses':[{'name':'a','ready':false,'state':{'terminated':{'reason':'Completed'}}},{'name':'b','ready':true,'state':{'running':{}}}]}"
            + " | 1/2 NotReady 0",
        "{'phase':'Succeeded','containerStatuses':[{'name':'a','state':{'terminated':{'reason':'Completed'}}},{'name':'b','state':{'terminated':{'reason':'Completed'}}}]}"
            + " | 0/2 Completed 0",
        "{'phase':'Failed','reason':'Evicted'} | 0/2 Evicted 0",
      })
  void summarizes(String status, String line) {
    ObjectNode pod =
        json(
            "{'spec':{'initContainers':[{'name':'i'}],'containers':[{'name':'a'},{'name':'b'}]},"
                + "'status':"
                + status
                + "}");
    PodSummary summary = new PodSummary(pod);
    String restarts = summary.restarts(Instant.parse("2026-01-01T01:00:00Z"));
    assertThat(summary.ready() + " " + summary.reason() + " " + restarts).isEqualTo(line);
  }

  @Test
  void saysThatAPodIsLeaving() {
    ObjectNode pod =
        json("{'metadata':{'deletionTimestamp':'x'},'spec':{},'status':{'phase':'Running'}}");
    assertThat(new PodSummary(pod).reason()).isEqualTo("Terminating");
  }
}
