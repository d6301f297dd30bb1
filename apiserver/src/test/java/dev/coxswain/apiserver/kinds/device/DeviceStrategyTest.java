package dev.coxswain.apiserver.kinds.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of selectors. Apostrophes stand for quotes, backticks for apostrophes. */
class DeviceStrategyTest {
  private static List<String> problems(String kind, String spec) {
    var strategy =
        new DeviceStrategy(BuiltinSchemas.load().kind("resource.k8s.io", "v1", kind), false, false);
    String text = "{'metadata': {'name': 'a'}, 'spec': " + spec + "}";
    return strategy.validate(Json.parseObject(text.replace('\'', '"').replace('`', '\''))).stream()
        .map(FieldError::message)
        .toList();
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
}
