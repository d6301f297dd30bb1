package dev.coxswain.apiserver.kinds.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What drivers say of their devices. Apostrophes stand for quotes. */
final class SliceStrategyTest {
  private final SliceStrategy strategy =
      new SliceStrategy(BuiltinSchemas.load().kind("resource.k8s.io", "v1", "ResourceSlice"));

  /** A slice of one device, with these fields in place of its own. */
  private static ObjectNode slice(String changes) {
    ObjectNode slice =
        json(
            "{'metadata':{'name':'a'},'spec':{'driver':'gpu.example.com','nodeName':'node-1',"
                + "'pool':{'name':'node-1','generation':1,'resourceSliceCount':1},"
                + "'devices':[{'name':'gpu-0'}]}}");
    json(changes)
        .properties()
        .forEach(field -> {
          if (field.getValue().isNull()) {
            ((ObjectNode) slice.path("spec")).remove(field.getKey());
          } else {
            ((ObjectNode) slice.path("spec")).set(field.getKey(), field.getValue());
          }
        });
    return slice;
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static List<String> said(List<FieldError> errors) {
    return errors.stream().map(error -> error.message().replace('"', '\'')).toList();
  }

  private List<String> problems(String changes) {
    return said(strategy.validate(slice(changes)));
  }

  private static String device(String fields) {
    return "{'devices':[{'name':'gpu-0'," + fields + "}]}";
  }

  @Test
  void whatDriversPublishIsTaken() {
    assertThat(problems("{}")).isEmpty();
    assertThat(
            problems(
                "{'nodeName':null,'perDeviceNodeSelection':true,'sharedCounters':[{'name':'set',"
                    + "'counters':{'memory':{'value':'8Gi'}}}],'devices':[{'name':'gpu-0',"
                    + "'attributes':{'model':{'string':'x'},'example.com/driver':{'version':"
                    + "'1.2.3-rc.1+7'}},'capacity':{'memory':{'value':'8Gi'}},'allNodes':true,"
                    + "'taints':[{'key':'example.com/hot','value':'yes','effect':'NoExecute'}],"
                    + "'consumesCounters':[{'counterSet':'set','counters':{'memory':{'value':"
                    + "'4Gi'}}}],'bindingConditions':['example.com/ready'],"
                    + "'bindingFailureConditions':['example.com/broken']}]}"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'driver':''} | spec.driver: Required value
          {'pool':{'name':'a//b','resourceSliceCount':0,'generation':-1}} | spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero
          {'pool':{'name':'a//b','resourceSliceCount':0,'generation':-1}} | spec.pool.generation: Invalid value: -1: must be greater than or equal to zero
          {'nodeName':null} | spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required
          {'nodeName':''} | spec.nodeName: Invalid value: '': must be either unset or set to a non-empty string
          {'allNodes':true} | spec: Invalid value: '{`nodeName`, `allNodes`}': exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set
          {'allNodes':false} | spec.allNodes: Invalid value: false: must be either unset or set to true
          {'nodeName':null,'nodeSelector':{'nodeSelectorTerms':[{},{}]}} | must have exactly one node selector term
          {'nodeName':null,'nodeSelector':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'a','operator':'Gt'}]}]}} | spec.nodeSelector.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'
          {'nodeName':null,'nodeSelector':{'nodeSelectorTerms':[{'matchFields':[{'key':'a','operator':'In','values':['x']}]}]}} | spec.nodeSelector.nodeSelectorTerms[0].matchFields[0].key: Invalid value: 'a': not a valid field selector key
          {'devices':[{'name':'a'},{'name':'a'}]} | spec.devices[1]: Duplicate value: 'a'
          {'devices':[{'name':'A'}]} | spec.devices[0].name: Invalid value: 'A': a lowercase RFC 1123 label
          {'devices':[{'name':'a','allNodes':true}]} | spec.devices[0]: Invalid value: 'null': `nodeName`, `nodeSelector` and `allNodes` can only be set if
          {'nodeName':null,'perDeviceNodeSelection':true} | spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when
          {'sharedCounters':[{'name':'s'}]} | spec.sharedCounters[0].counters: Required value
          {'sharedCounters':[{'counters':{'A':{'value':'1'}}}]} | spec.sharedCounters[0].name: Required value
          """)
  void whatMakesNoSenseIsToldInUpstreamsWords(String changes, String problem) {
    assertThat(problems(changes))
        .anySatisfy(said ->
            assertThat(said)
                .startsWith(problem.startsWith("spec") ? problem : "spec")
                .contains(problem));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          'attributes':{'a/b':{}} | attributes[a/b]: Invalid value: '': exactly one value must be specified
          'attributes':{'a':{'int':1,'bool':true}} | exactly one value must be specified
          'attributes':{'a':{'version':'1.2'}} | attributes[a].version: Invalid value: '1.2': must be a string compatible with semver.org spec 2.0.0
          'attributes':{'a b':{'int':1}} | attributes: Invalid value: 'a b': a valid C identifier must
          'attributes':{'/b':{'int':1}} | attributes: Required value: the domain must not be empty
          'capacity':{'a':{'value':'1','requestPolicy':{'default':'1'}}} | capacity[a].requestPolicy: Forbidden: allowMultipleAllocations must be true
          'taints':[{'key':'a'}] | taints[0].effect: Required value
          'taints':[{'key':'a','effect':'Never'}] | taints[0].effect: Unsupported value: 'Never': supported values: 'NoExecute', 'NoSchedule', 'None'
          'consumesCounters':[{'counterSet':'s'}] | consumesCounters[0].counters: Required value
          'bindingConditions':['a'] | bindingFailureConditions: Invalid value: '[]': bindingFailureConditions are required to use bindingConditions
          'bindingConditions':['a'],'bindingFailureConditions':['a'] | bindingFailureConditions[0]: Invalid value: 'a': bindingFailureConditions must not overlap with bindingConditions
          """)
  void devicesAreLookedAtInUpstreamsWords(String fields, String problem) {
    assertThat(problems(device(fields)))
        .singleElement()
        .satisfies(said -> assertThat(said).startsWith("spec.devices[0].").contains(problem));
  }

  @Test
  void thereAreLimits() {
    ObjectNode many = slice("{'devices':[]}");
    ArrayNode devices = (ArrayNode) many.path("spec").path("devices");
    for (int i = 0; i <= 128; i++) {
      devices.addObject().put("name", "gpu-" + i);
    }
    assertThat(said(strategy.validate(many)))
        .containsExactly("spec.devices: Too many: 129: must have at most 128 items");
    ObjectNode attributes = json("{}");
    for (int i = 0; i <= 32; i++) {
      attributes.putObject("a" + i).put("int", i);
    }
    assertThat(problems(device("'attributes':" + attributes)))
        .containsExactly(
            "spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must"
                + " not exceed 32");
  }

  @Test
  void whoseSliceItIsNeverChanges() {
    ObjectNode old = slice("{}");
    ObjectNode now =
        slice("{'driver':'b','nodeName':'c','pool':{'name':'d','resourceSliceCount':1}}");
    assertThat(said(strategy.validateUpdate(now, old)))
        .containsExactly(
            "spec.pool.name: Invalid value: 'd': field is immutable",
            "spec.driver: Invalid value: 'b': field is immutable",
            "spec.nodeName: Invalid value: 'c': field is immutable");
  }
}
