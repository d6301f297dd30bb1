package dev.coxswain.apiserver.custom;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.definition.DefinitionStrategy;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** From a definition to the resources that are served. Apostrophes stand for quotes. */
class CustomTypesTest {
  private static final String WIDGETS =
      """
      {'metadata': {'name': 'widgets.example.com'},
       'spec': {'group': 'example.com', 'scope': 'Namespaced',
                'names': {'plural': 'widgets', 'kind': 'Widget', 'shortNames': ['wd']},
                'versions': [
                  {'name': 'v1beta1', 'served': true, 'storage': false, 'deprecated': true,
                   'schema': {'openAPIV3Schema': {'type': 'object'}}},
                  {'name': 'v1', 'served': true, 'storage': true,
                   'subresources': {'status': {}, 'scale': {'specReplicasPath': '.spec.replicas',
                                                            'statusReplicasPath': '.status.replicas'}},
                   'selectableFields': [{'jsonPath': '.spec.color'}],
                   'schema': {'openAPIV3Schema': {'type': 'object', 'properties': {
                     'spec': {'type': 'object', 'properties': {
                       'replicas': {'type': 'integer'}, 'color': {'type': 'string'}}},
                     'status': {'type': 'object', 'properties': {
                       'replicas': {'type': 'integer', 'maximum': 5}}}}}}},
                  {'name': 'v2alpha1', 'served': false, 'storage': false,
                   'schema': {'openAPIV3Schema': {'type': 'object'}}}]}}
      """;

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  /** A definition as it is after its creation, with its names accepted. */
  private static ObjectNode accepted(String text, List<ObjectNode> others) {
    ObjectNode definition = created(text);
    NameClaims.Outcome outcome = new NameClaims(others, "example.com").judge(definition);
    Json.ensureObject(definition, "status").set("acceptedNames", outcome.names());
    return definition;
  }

  private static ObjectNode created(String text) {
    var strategy =
        new DefinitionStrategy(
            BuiltinSchemas.load().kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"));
    ObjectNode definition = json(text);
    strategy.prepareForCreate(definition);
    strategy.fillDefaults(definition);
    assertThat(strategy.validate(definition)).isEmpty();
    return definition;
  }

  private static List<ResourceType> types() {
    return types(accepted(WIDGETS, List.of()));
  }

  /** The types of a definition; a webhook turns the color of what it converts. */
  private static List<ResourceType> types(ObjectNode definition) {
    VersionConverter webhook =
        (objects, wanted) ->
            objects.forEach(object -> {
              VersionConverter.NONE.convert(List.of(object), wanted);
              Json.ensureObject(object, "spec").put("color", "turned").put("extra", 1);
            });
    return new CustomTypes(BuiltinSchemas.load().objectMeta(), _ -> webhook).of(definition);
  }

  @Test
  void servedVersionsComeInOrderOfPreference() {
    assertThat(types()).extracting(type -> type.kind().version()).containsExactly("v1", "v1beta1");
    assertThat(types().getLast().deprecation())
        .isEqualTo("example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget");
  }

  @Test
  void theStatusIsApartAndTheMetadataStays() {
    ResourceType type = types().getFirst();
    ObjectNode object =
        json(
            "{'metadata': {'name': 'a', 'labels': {'new': '1'}}, 'spec': {'color': 'red'},"
                + " 'status': {'replicas': 2}}");
    type.strategy()
        .prepareForStatusUpdate(
            object, json("{'metadata': {'name': 'a'}, 'spec': {'color': 'b'}}"));
    assertThat(object)
        .isEqualTo(
            json("{'metadata': {'name': 'a'}, 'spec': {'color': 'b'}, 'status': {'replicas': 2}}"));
    assertThat(type.strategy().validateStatusUpdate(json("{'status': {'replicas': 6}}"), object))
        .hasSize(1);
  }

  @Test
  void aWebhookConvertsWhatIsOfAnotherVersionAndTheSchemaPrunesIt() {
    ObjectNode definition = accepted(WIDGETS, List.of());
    Json.ensureObject(definition, "spec", "conversion").put("strategy", "Webhook");
    ResourceType old = types(definition).getLast();
    ObjectNode object =
        json("{'apiVersion': 'example.com/v1beta1', 'kind': 'Widget', 'spec': {'color': 'red'}}");
    old.conversion().toStored(object);
    assertThat(object)
        .isEqualTo(
            json(
                "{'apiVersion': 'example.com/v1', 'kind': 'Widget', 'spec': {'color': 'turned'}}"));
    ResourceType current = types(definition).getFirst();
    ObjectNode same = json("{'apiVersion': 'example.com/v1', 'spec': {'color': 'red'}}");
    current.conversion().fromStored(same);
    assertThat(Json.text(same, "spec", "color")).isEqualTo("red");
  }

  @Test
  void fieldsAreSelectedAsTheDefinitionSays() {
    assertThat(types().getFirst().selectableFields().values(json("{'spec': {'color': 'red'}}")))
        .containsEntry("spec.color", "red");
  }

  @Test
  void aNameThatIsTakenIsNotGivenTwice() {
    ObjectNode first = accepted(WIDGETS, List.of());
    ObjectNode second =
        created(WIDGETS.replace("widgets", "wodgets").replace("'Widget'", "'Wodget'"));
    NameClaims.Outcome outcome =
        new NameClaims(List.of(first, second), "example.com").judge(second);
    assertThat(outcome.condition().status()).isEqualTo("False");
    assertThat(outcome.condition().message()).contains("wd");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ".spec.color                | red",
        ".spec.list[1]              | b",
        ".spec.parts[?(@.n==1)].v   | one",
        ".spec.parts[-1:].v         | two",
        ".spec.list[:1]             | a",
        ".spec.list[1:5]            | ",
        ".spec.list[1::2147483647]  | b",
        ".spec.empty[-1:]           | ",
        ".spec.absent               | ",
      })
  void columnsReadByPath(String path, String expected) {
    ObjectNode object =
        json(
            "{'spec': {'color': 'red', 'list': ['a', 'b'], 'empty': [],"
                + " 'parts': [{'n': 1, 'v': 'one'}, {'n': 2, 'v': 'two'}]}}");
    assertThat(JsonPath.parse(path).orElseThrow().first(object).map(JsonNode::asString))
        .isEqualTo(Optional.ofNullable(expected));
  }
}
