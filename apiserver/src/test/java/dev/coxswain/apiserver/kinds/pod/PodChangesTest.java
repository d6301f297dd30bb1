package dev.coxswain.apiserver.kinds.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Quotes are written as apostrophes. */
class PodChangesTest {
  private static final PodStrategy STRATEGY =
      new PodStrategy(BuiltinSchemas.load().kind("", "v1", "Pod"));
  private static final String TERMS =
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

  private static ObjectNode pod(String fields) {
    String rest = fields.isEmpty() ? "" : "," + fields;
    ObjectNode pod =
        Json.parseObject(
            ("{'metadata':{'name':'p'},'spec':{'containers':[{'name':'a','image':'x:1'}]"
                    + rest
                    + "}}")
                .replace('\'', '"'));
    STRATEGY.prepareForCreate(pod);
    STRATEGY.fillDefaults(pod);
    return pod;
  }

  private static List<String> problems(String before, String now) {
    return STRATEGY.validateUpdate(pod(now), pod(before)).stream()
        .map(FieldError::message)
        .toList();
  }

  private static String gated(String fields) {
    return "'schedulingGates':[{'name':'g'}]" + (fields.isEmpty() ? "" : "," + fields);
  }

  private static String nodes(String terms) {
    return "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
        + "{'nodeSelectorTerms':["
        + terms
        + "]}}}";
  }

  private static final String A = "{'key':'a','operator':'Exists'}";
  private static final String B = "{'key':'b','operator':'Exists'}";

  @Test
  void fewThingsMayChange() {
    assertThat(problems("", "'activeDeadlineSeconds':30")).isEmpty();
    assertThat(problems("'activeDeadlineSeconds':30", "'activeDeadlineSeconds':20")).isEmpty();
    assertThat(problems("'terminationGracePeriodSeconds':-5", "'terminationGracePeriodSeconds':1"))
        .isEmpty();
    assertThat(problems("", "'tolerations':[{'key':'a','operator':'Exists'}]")).isEmpty();
    assertThat(problems(gated(""), "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'activeDeadlineSeconds':30 | 'activeDeadlineSeconds':40 | spec.activeDeadlineSeconds:"
            + " Invalid value: 40: must be less than or equal to previous value",
        "'activeDeadlineSeconds':30 | 'hostname':'h' | spec.activeDeadlineSeconds: Invalid value:"
            + " null: must not update from a positive integer to nil value; spec: Forbidden",
        "'hostname':'h' | 'initContainers':[{'name':'i','image':'x'}] | spec.initContainers:"
            + " Forbidden: pod updates may not add or remove containers",
        "'nodeSelector':{'a':'b'} | 'nodeSelector':{'a':'b','c':'d'} | spec: Forbidden: pod updates"
            + " may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only"
            + " additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it"
            + " to be set to 1 if it was previously negative)",
        "'hostname':'h' | 'hostname':'h','schedulingGates':[{'name':'x'}] |"
            + " spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new"
            + " scheduling gate 'x'",
      })
  void mostThingsMayNot(String before, String now, String problem) {
    assertThat(String.join("; ", problems(before, now))).startsWith(problem);
  }

  @Test
  void whileGatedTheNodesAreNarrowed() {
    String one = nodes("{'matchExpressions':[" + A + "]}");
    String both = nodes("{'matchExpressions':[" + A + "," + B + "]}");
    assertThat(problems(gated(""), gated("'nodeSelector':{'a':'b'}"))).isEmpty();
    assertThat(problems(gated(""), gated(one))).isEmpty();
    assertThat(problems(gated(one), gated(both))).isEmpty();
    assertThat(problems(gated(one), both)).isEmpty();
    assertThat(problems(gated(both), gated(one)))
        .singleElement()
        .satisfies(problem ->
            assertThat(problem)
                .startsWith(TERMS + "[0]: Invalid value: ")
                .endsWith("only additions are allowed (no mutations or deletions)"));
    assertThat(problems(gated(one), gated("")))
        .containsExactly(
            TERMS
                + ": Invalid value: null: no additions/deletions to non-empty NodeSelectorTerms"
                + " list are allowed");
    assertThat(problems(gated("'nodeSelector':{'a':'b'}"), gated("'nodeSelector':{'a':'c'}")))
        .containsExactly(
            "spec.nodeSelector: Invalid value: {\"a\":\"c\"}: only additions to"
                + " spec.nodeSelector are allowed (no mutations or deletions)");
    String neighbours = "'affinity':{'podAffinity':{}}";
    assertThat(problems(gated(""), gated(neighbours)))
        .singleElement()
        .satisfies(problem -> assertThat(problem).endsWith("changed: affinity"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'restartPolicy':'Never' | 1 | false",
        "'restartPolicy':'OnFailure' | 0 | false",
        "'restartPolicy':'OnFailure' | 1 | true",
        "'restartPolicy':'Always' | 0 | true",
      })
  void whatHasEndedForGoodStaysSo(String policy, int code, boolean may) {
    ObjectNode old = pod(policy);
    report(old, "{'terminated':{'exitCode':" + code + "}}");
    ObjectNode now = old.deepCopy();
    report(now, "{'running':{}}");
    assertThat(STRATEGY.validateStatusUpdate(now, old).stream().map(FieldError::message))
        .isEqualTo(
            may
                ? List.of()
                : List.of(
                    "status.containerStatuses[0].state: Forbidden: may not be transitioned to"
                        + " non-terminated state"));
  }

  @Test
  void aContainerMayHaveAPolicyOfItsOwn() {
    ObjectNode old = pod("'restartPolicy':'Never'");
    ((ObjectNode) old.at("/spec/containers/0")).put("restartPolicy", "Always");
    report(old, "{'terminated':{'exitCode':0}}");
    ObjectNode now = old.deepCopy();
    report(now, "{'running':{}}");
    assertThat(STRATEGY.validateStatusUpdate(now, old)).isEmpty();
  }

  private static void report(ObjectNode pod, String state) {
    ObjectNode status = Json.ensureObject(pod, "status");
    status
        .putArray("containerStatuses")
        .addObject()
        .put("name", "a")
        .set("state", Json.parseObject(state.replace('\'', '"')));
  }
}
