package dev.coxswain.apiserver.kinds.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Apostrophes stand for quotes. */
class TaintRuleStrategyTest {
  private final TaintRuleStrategy strategy =
      new TaintRuleStrategy(BuiltinSchemas.load().kind("resource.k8s.io", "v1", "DeviceTaintRule"));

  private static ObjectNode rule(String spec) {
    return Json.parseObject(("{'metadata':{'name':'r'},'spec':" + spec + "}").replace('\'', '"'));
  }

  private List<String> problems(String spec) {
    return strategy.validate(rule(spec)).stream().map(FieldError::message).toList();
  }

  @Test
  void saysWhichDevicesAndHow() {
    assertThat(problems("{'taint':{'key':'example.com/broken','effect':'None'}}")).isEmpty();
    assertThat(
            problems(
                "{'deviceSelector':{'driver':'gpu.example.com','pool':'node-1/a','device':'gpu-0'},"
                    + "'taint':{'key':'k','value':'v','effect':'NoExecute'}}"))
        .isEmpty();
    assertThat(problems("{'taint':{'key':'-','effect':'PreferNoSchedule'}}"))
        .anyMatch(m -> m.startsWith("spec.taint.effect: Unsupported value: \"PreferNoSchedule\""))
        .anyMatch(m -> m.startsWith("spec.taint.key: Invalid value: \"-\""));
    assertThat(problems("{'deviceSelector':{'device':'A b'},'taint':{'key':'k','effect':'None'}}"))
        .singleElement()
        .asString()
        .startsWith("spec.deviceSelector.device: Invalid value: \"A b\"");
  }

  @Test
  void countsChangesOfWhatIsWanted() {
    ObjectNode before = rule("{'taint':{'key':'k','effect':'None'}}");
    Json.ensureObject(before, "metadata").put("generation", 3);
    ObjectNode after = rule("{'taint':{'key':'k','effect':'NoExecute'}}");
    strategy.prepareForUpdate(after, before);
    assertThat(Json.number(after, 0, "metadata", "generation")).isEqualTo(4);
  }
}
