package dev.coxswain.apiserver.kinds.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What is said of selectors. Apostrophes stand for quotes, backticks for apostrophes. */
class DeviceStrategyTest {
  private static List<String> problems(String kind, String spec) {
    ObjectNode object = object(spec);
    strategy(kind).fillDefaults(object);
    return said(strategy(kind).validate(object));
  }

  private static DeviceStrategy strategy(String kind) {
    return new DeviceStrategy(
        BuiltinSchemas.load().kind("resource.k8s.io", "v1", kind),
        switch (kind) {
          case "DeviceClass" -> DeviceStrategy.Asks.NOT;
          case "ResourceClaim" -> DeviceStrategy.Asks.ITSELF;
          default -> DeviceStrategy.Asks.FOR_OTHERS;
        });
  }

  private static ObjectNode object(String spec) {
    String text = "{'metadata': {'name': 'a'}, 'spec': " + spec + "}";
    return Json.parseObject(text.replace('\'', '"').replace('`', '\''));
  }

  private static List<String> said(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\"',
      value = {
        "{'name': 'r', 'exactly': {'deviceClassName': 'c'}} | {} |",
        "{'name': 'r'} | {} | [0]: Required value: exactly one of `exactly` or `firstAvailable` is"
            + " required",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c', 'count': -1}} | {} | [0].exactly.count:"
            + " Invalid value: -1: must be greater than zero",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c', 'allocationMode': 'All', 'count': 2}} |"
            + " {} | [0].exactly.count: Invalid value: 2: must not be specified when allocationMode"
            + " is 'All'",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c', 'allocationMode': 'Some'}} | {} |"
            + " [0].exactly.allocationMode: Unsupported value: 'Some': supported values: 'All',"
            + " 'ExactCount'",
        "{'name': 'r', 'firstAvailable': [{'name': 'x', 'deviceClassName': 'c'}, {'name': 'x',"
            + " 'deviceClassName': 'c'}]} | {} | [0].firstAvailable[1]: Duplicate value: 'x'",
        "{'name': 'r', 'firstAvailable': [{'name': 'x', 'deviceClassName': 'c'}]} | {'requests':"
            + " ['r/x'], 'matchAttribute': 'e.com/a'} |",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c'}} | {'requests': ['q'], 'matchAttribute':"
            + " 'e.com/a'} | constraints[0].requests[0]: Invalid value: 'q': must be the name of a"
            + " request in the claim or the name of a request and a subrequest separated by '/'",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c'}} | {'matchAttribute': 'a'} |"
            + " constraints[0].matchAttribute: Invalid value: 'a': must include a domain",
        "{'name': 'r', 'exactly': {'deviceClassName': 'c'}} | {'requests': ['r']} |"
            + " constraints[0].matchAttribute: Required value",
      })
  void claimsAreChecked(String request, String constraint, @Nullable String problem) {
    String constraints = constraint.equals("{}") ? "[]" : "[" + constraint + "]";
    String devices =
        "{'devices': {'requests': [" + request + "], 'constraints': " + constraints + "}}";
    String at = problem != null && problem.startsWith("[") ? "devices.requests" : "devices.";
    assertThat(problems("ResourceClaim", devices).stream().map(s -> s.replace('"', '\'')).toList())
        .isEqualTo(problem == null ? List.of() : List.of("spec." + at + problem));
    assertThat(
            problems("ResourceClaimTemplate", "{'spec': " + devices + "}").stream()
                .map(s -> s.replace('"', '\''))
                .toList())
        .isEqualTo(problem == null ? List.of() : List.of("spec.spec." + at + problem));
  }

  @Test
  void whatIsLeftOutIsOneDeviceAndNothingChanges() {
    ObjectNode claim =
        object("{'devices': {'requests': [{'name': 'r', 'exactly': {'deviceClassName': 'c'}}]}}");
    strategy("ResourceClaim").fillDefaults(claim);
    var exactly = claim.at("/spec/devices/requests/0/exactly");
    assertThat(exactly.path("count").asInt()).isEqualTo(1);
    assertThat(exactly.path("allocationMode").asString()).isEqualTo("ExactCount");
    ObjectNode changed = claim.deepCopy();
    ((ObjectNode) changed.at("/spec/devices/requests/0")).put("name", "other");
    assertThat(said(strategy("ResourceClaim").validateUpdate(changed, claim)))
        .singleElement()
        .asString()
        .startsWith("spec: Invalid value: ")
        .endsWith("field is immutable");
  }

  @Test
  void aClassConfiguresDriversByName() {
    assertThat(problems("DeviceClass", "{'config': [{}]}"))
        .containsExactly("spec.config[0].opaque: Required value");
    assertThat(
            problems(
                "DeviceClass",
                "{'config': [{'opaque': {'driver': 'gpu.example.com', 'parameters': {'a': 1}}}]}"))
        .isEmpty();
  }

  @Test
  void selectorsCompile() {
    assertThat(
            problems(
                "DeviceClass",
                "{'selectors': [{'cel': {'expression': 'device.driver == `gpu.example.com` &&"
                    + " device.capacity[`gpu.example.com`].memory.isGreaterThan(quantity(`4Gi`)) &&"
                    + " device.attributes[`gpu.example.com`].model == `x`'}}]}"))
        .isEmpty();
    assertThat(problems("DeviceClass", "{'selectors': [{'cel': {'expression': 'device.dirver'}}]}"))
        .singleElement()
        .asString()
        .startsWith("spec.selectors[0].cel.expression: Invalid value: \"device.dirver\": ")
        .contains("compilation failed: ERROR: <input>:1:7: undefined field 'dirver'");
    assertThat(
            problems(
                "ResourceClaim",
                "{'devices': {'requests': [{'name': 'r', 'exactly': {'deviceClassName': 'c',"
                    + " 'selectors': [{'cel': {'expression': 'device.driver'}}]}}]}}"))
        .containsExactly(
            "spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value:"
                + " \"device.driver\": must evaluate to bool or the unknown type, not string");
  }

  private static ObjectNode claim(String status) {
    ObjectNode claim =
        object("{'devices': {'requests': [{'name': 'r', 'exactly': {'deviceClassName': 'c'}}]}}");
    claim.set("status", Json.parseObject(status.replace('\'', '"')));
    return claim;
  }

  private static final String RESULT =
      "{'request':'r','driver':'gpu.example.com','pool':'p','device':'gpu-0'}";

  private static String allocated(String result, String more) {
    return "{'allocation':{'devices':{'results':[" + result + "]}}" + more + "}";
  }

  private static List<String> statusProblems(String before, String now) {
    return said(strategy("ResourceClaim").validateStatusUpdate(claim(now), claim(before))).stream()
        .map(s -> s.replace('"', '\''))
        .toList();
  }

  @Test
  void whatASchedulerAllocatesIsTakenOnce() {
    String used = ",'reservedFor':[{'resource':'pods','name':'a','uid':'1'}]";
    String reported =
        ",'devices':[{'driver':'gpu.example.com','pool':'p','device':'gpu-0','data':{'a':1}}]";
    assertThat(statusProblems("{}", allocated(RESULT, used + reported))).isEmpty();
    assertThat(statusProblems(allocated(RESULT, ""), allocated(RESULT, used))).isEmpty();
    assertThat(statusProblems(allocated(RESULT, ""), "{}")).isEmpty();
    assertThat(
            statusProblems(allocated(RESULT, ""), allocated(RESULT.replace("gpu-0", "gpu-1"), "")))
        .singleElement()
        .satisfies(said ->
            assertThat(said)
                .startsWith("status.allocation: Invalid value: ")
                .endsWith("field is immutable"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'reservedFor':[{'resource':'pods','name':'a','uid':'1'}]} | status.reservedFor: Forbidden: may not be specified when `allocated` is not set
          {'allocation':{},'reservedFor':[{'resource':'pods','name':'a'}]} | status.reservedFor[0].uid: Required value
          {'allocation':{},'devices':[{'driver':'d','pool':'p','device':'x'}]} | status.devices[0]: Invalid value: 'd/p/x': must be an allocated device in the claim
          {'allocation':{'devices':{'results':[{'request':'q','driver':'d','pool':'p','device':'x'}]}}} | status.allocation.devices.results[0].request: Invalid value: 'q': must be the name of a request in the claim or the name of a request and a subrequest separated by '/'
          {'allocation':{'devices':{'results':[{'request':'r','pool':'p','device':'x'}]}}} | status.allocation.devices.results[0].driver: Required value
          {'allocation':{'devices':{'results':[{'request':'r','driver':'d','device':'x'}]}}} | status.allocation.devices.results[0].pool: Required value
          {'allocation':{'devices':{'config':[{'source':'FromMe','opaque':{'driver':'d','parameters':{}}}]}}} | status.allocation.devices.config[0].source: Unsupported value: 'FromMe': supported values: 'FromClaim', 'FromClass'
          {'allocation':{'devices':{'config':[{'source':'FromClaim'}]}}} | status.allocation.devices.config[0].opaque: Required value
          {'allocation':{'nodeSelector':{}}} | status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term
          """)
  void whatIsAllocatedIsCheckedInUpstreamsWords(String status, String problem) {
    assertThat(statusProblems("{}", status)).containsExactly(problem);
  }

  @Test
  void nobodyMoreUsesAClaimThatGoes() {
    ObjectNode old = claim(allocated(RESULT, ""));
    ObjectNode now =
        claim(allocated(RESULT, ",'reservedFor':[{'resource':'pods','name':'a','uid':'1'}]"));
    Json.ensureObject(now, "metadata").put("deletionTimestamp", "2026-01-01T00:00:00Z");
    assertThat(said(strategy("ResourceClaim").validateStatusUpdate(now, old)))
        .containsExactly(
            "status.reservedFor: Forbidden: new entries may not be added while"
                + " `deallocationRequested` or `deletionTimestamp` are set");
  }
}
