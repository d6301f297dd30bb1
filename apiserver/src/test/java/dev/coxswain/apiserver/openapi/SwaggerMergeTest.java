package dev.coxswain.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.discovery.Document;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Swagger documents put together. Apostrophes stand for quotes. */
final class SwaggerMergeTest {
  private static final Document OWN =
      document(
          "{'swagger':'2.0','paths':{'/version':{'own':true}},'definitions':{"
              + "'io.k8s.Meta':{'own':true},'com.example.Thing':{'own':true}}}");

  private static Document document(String text) {
    return Document.of("application/json", Json.bytes(json(text)));
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static JsonNode merged(String... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SwaggerMerge.write(OWN, List.of(parts).stream().map(SwaggerMergeTest::document).toList(), out);
    return Json.parse(out.toByteArray());
  }

  @Test
  void whatIsThereStaysAndOtherTypesOfTheSameNameGetAnother() throws IOException {
    String part =
        "{'paths':{'/version':{},'/apis/a/v1/things':{'$ref':'#/definitions/com.example.Thing'}},"
            + "'definitions':{'io.k8s.Meta':{'type':'string'},'com.example.Thing':{'properties':{"
            + "'meta':{'$ref':'#/definitions/io.k8s.Meta'},"
            + "'next':{'$ref':'#/definitions/com.example.Thing'}}}}}";
    JsonNode merged = merged(part, part.replace("/a/", "/b/"));
    assertThat(merged.path("swagger").asString()).isEqualTo("2.0");
    assertThat(merged.path("paths"))
        .isEqualTo(
            json(
                "{'/version':{'own':true},"
                    + "'/apis/a/v1/things':{'$ref':'#/definitions/com.example.Thing_v2'},"
                    + "'/apis/b/v1/things':{'$ref':'#/definitions/com.example.Thing_v3'}}"));
    assertThat(merged.path("definitions").propertyNames())
        .containsExactly(
            "io.k8s.Meta", "com.example.Thing", "com.example.Thing_v2", "com.example.Thing_v3");
    assertThat(merged.path("definitions").path("com.example.Thing_v3").path("properties"))
        .isEqualTo(
            json(
                "{'meta':{'$ref':'#/definitions/io.k8s.Meta'},"
                    + "'next':{'$ref':'#/definitions/com.example.Thing_v3'}}"));
    assertThat(merged.at("/definitions/io.k8s.Meta").has("own")).isTrue();
  }

  @Test
  void aPartHasItsPathsAndWhatTheyReferTo() {
    ObjectNode document =
        json(
            "{'parameters':{'p':{'name':'pretty','in':'query'}},'paths':{'/healthz':{},"
                + "'/apis/a/v1/things':{'get':{'parameters':[{'$ref':'#/parameters/p'}]},"
                + "'parameters':[{'name':'x','schema':{'$ref':'#/definitions/One'}}]},"
                + "'/apis/a/v10/things':{'$ref':'#/definitions/Other'}},"
                + "'definitions':{'One':{'items':{'$ref':'#/definitions/Two'}},"
                + "'Two':{'items':{'$ref':'#/definitions/One'}},'Other':{}}}");
    assertThat(SwaggerPart.of(document, "/apis/a/v1/"))
        .isEqualTo(
            json(
                "{'paths':{'/apis/a/v1/things':{'get':{'parameters':["
                    + "{'name':'pretty','in':'query'}]},"
                    + "'parameters':[{'name':'x','schema':{'$ref':'#/definitions/One'}}]}},"
                    + "'definitions':{'One':{'items':{'$ref':'#/definitions/Two'}},"
                    + "'Two':{'items':{'$ref':'#/definitions/One'}}}}"));
  }

  /** What others write may be of any form; it must not take the whole document with it. */
  @Test
  void whatIsOddInAPartDoesNotHinderTheBinaryForm() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonNode merged =
        merged(
            "{'paths':{'/apis/a/v1/x':{'x-odd':1,'get':7,'parameters':[{'in':'header','x-y':2},3]}},"
                + "'definitions':{'Odd':{'type':['string','null'],'items':[1],'enum':7}}}",
            "{'paths':[],'definitions':null}");
    SwaggerEncoder.encode(new ByteArrayInputStream(Json.bytes(merged)), out);
    assertThat(out.size()).isPositive();
  }
}
