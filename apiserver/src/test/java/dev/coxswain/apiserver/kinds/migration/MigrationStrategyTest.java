package dev.coxswain.apiserver.kinds.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Apostrophes stand for quotes. */
class MigrationStrategyTest {
  private final MigrationStrategy strategy =
      new MigrationStrategy(
          BuiltinSchemas.load().kind("storagemigration.k8s.io", "v1", "StorageVersionMigration"));

  private static ObjectNode migration(String resource, String status) {
    return Json.parseObject(
        ("{'metadata':{'name':'m'},'spec':{'resource':" + resource + "},'status':" + status + "}")
            .replace('\'', '"'));
  }

  private static String condition(String type, String status) {
    return "{'type':'"
        + type
        + "','status':'"
        + status
        + "','reason':'R','lastTransitionTime':'2026-01-01T00:00:00Z'}";
  }

  private static List<String> messages(List<FieldError> errors) {
    return errors.stream().map(FieldError::message).toList();
  }

  private List<String> change(String from, String to) {
    String secrets = "{'group':'','resource':'secrets'}";
    return messages(
        strategy.validateStatusUpdate(migration(secrets, to), migration(secrets, from)));
  }

  @Test
  void namesAResourceForGood() {
    ObjectNode secrets = migration("{'group':'','resource':'secrets'}", "{}");
    assertThat(strategy.validate(secrets)).isEmpty();
    assertThat(messages(strategy.validate(migration("{'group':'','resource':''}", "{}"))))
        .containsExactly("spec.resource.resource: Required value: resource is required");
    assertThat(messages(strategy.validate(migration("{'group':'A','resource':'a/b'}", "{}"))))
        .hasSize(2)
        .anyMatch(m -> m.startsWith("spec.resource.resource: Invalid value: \"a/b\""))
        .anyMatch(m -> m.startsWith("spec.resource.group: Invalid value: \"A\""));
    ObjectNode other = migration("{'group':'','resource':'pods'}", "{}");
    assertThat(messages(strategy.validateUpdate(other, secrets)))
        .singleElement()
        .asString()
        .startsWith("spec: Invalid value: ")
        .endsWith("field is immutable");
  }

  @Test
  void anEndIsFinal() {
    String running = "{'conditions':[" + condition("Running", "True") + "]}";
    String done = "{'conditions':[" + condition("Succeeded", "True") + "]}";
    assertThat(change("{}", running)).isEmpty();
    assertThat(change(running, done)).isEmpty();
    assertThat(change(done, running))
        .singleElement()
        .asString()
        .endsWith("Success condition cannot be set to false once it is true");
    String both =
        "{'conditions':["
            + condition("Succeeded", "True")
            + ","
            + condition("Failed", "True")
            + "]}";
    assertThat(change(running, both))
        .singleElement()
        .asString()
        .endsWith("Both success and failed conditions cannot be true at the same time");
  }

  @Test
  void theVersionThatItBeganWithStays() {
    assertThat(change("{}", "{'resourceVersion':'12'}")).isEmpty();
    assertThat(change("{'resourceVersion':'12'}", "{'resourceVersion':'13'}"))
        .containsExactly("status.resourceVersion: Invalid value: \"13\": field is immutable");
    assertThat(change("{}", "{'resourceVersion':'-1'}"))
        .containsExactly(
            "status.resourceVersion: Invalid value: \"-1\": resource version is not well formed");
  }

  @Test
  void conditionsAreWhole() {
    assertThat(change("{}", "{'conditions':[{'type':'Running','status':'Perhaps'}]}"))
        .containsExactly(
            "status.conditions[0].status: Unsupported value: \"Perhaps\": supported values:"
                + " \"False\", \"True\", \"Unknown\"",
            "status.conditions[0].lastTransitionTime: Required value: must be set",
            "status.conditions[0].reason: Required value");
  }
}
