package dev.coxswain.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Swagger said anew. Apostrophes stand for quotes. */
final class SwaggerUpgradeTest {
  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static JsonNode path(String swagger) {
    ObjectNode part = Json.object();
    part.putObject("paths").set("/p", json(swagger));
    return SwaggerUpgrade.of(part, "v1").path("paths").path("/p");
  }

  private static JsonNode definition(String swagger) {
    ObjectNode part = Json.object();
    part.putObject("definitions").set("D", json(swagger));
    return SwaggerUpgrade.of(part, "v1").path("components").path("schemas").path("D");
  }

  @Test
  void itIsADocumentOfVersionThree() {
    assertThat(SwaggerUpgrade.of(Json.object(), "v1.34.1"))
        .isEqualTo(
            json(
                "{'openapi':'3.0.0','info':{'title':'Kubernetes','version':'v1.34.1'},"
                    + "'paths':{},'components':{'schemas':{}}}"));
  }

  @Test
  void whatIsSentAndAnsweredHasItsMediaTypes() {
    assertThat(
            path(
                "{'post':{'operationId':'make','x-kubernetes-action':'post','schemes':['https'],"
                    + "'consumes':['a/a','b/b'],'produces':['c/c'],"
                    + "'parameters':[{'in':'body','name':'body','required':true,"
                    + "'schema':{'$ref':'#/definitions/D'}},"
                    + "{'in':'query','name':'dryRun','type':'string','uniqueItems':true,"
                    + "'description':'d'}],"
                    + "'responses':{'201':{'description':'Created',"
                    + "'schema':{'$ref':'#/definitions/D'}},'401':{'description':'No'}}}}"))
        .isEqualTo(
            json(
                "{'post':{'operationId':'make','x-kubernetes-action':'post',"
                    + "'parameters':[{'in':'query','name':'dryRun','description':'d',"
                    + "'schema':{'type':'string','uniqueItems':true}}],"
                    + "'requestBody':{'required':true,'content':{"
                    + "'a/a':{'schema':{'$ref':'#/components/schemas/D'}},"
                    + "'b/b':{'schema':{'$ref':'#/components/schemas/D'}}}},"
                    + "'responses':{'201':{'description':'Created',"
                    + "'content':{'c/c':{'schema':{'$ref':'#/components/schemas/D'}}}},"
                    + "'401':{'description':'No'}}}}"));
  }

  @Test
  void whoNamesNoMediaTypeTakesAll() {
    assertThat(
            path(
                "{'parameters':[{'in':'path','name':'n','required':true,'type':'string'}],"
                    + "'get':{'responses':{'200':{'schema':{'type':'string'}}}}}"))
        .isEqualTo(
            json(
                "{'parameters':[{'in':'path','name':'n','required':true,"
                    + "'schema':{'type':'string'}}],"
                    + "'get':{'responses':{'200':{'content':{'*/*':{'schema':{'type':'string'}}}}}}}"));
  }

  @Test
  void shapesAreFollowedWhereverTheyAre() {
    String reference = "{'$ref':'#/definitions/E'}";
    String shape =
        "{'type':'object','x-kubernetes-group-version-kind':[{'kind':'D'}],'discriminator':'k',"
            + "'properties':{'$ref':{'type':'string'},'list':{'items':%1$s},'not':%1$s},"
            + "'additionalProperties':%1$s,'allOf':[%1$s],'default':{'$ref':'x'}}";
    assertThat(definition(shape.formatted(reference)))
        .isEqualTo(
            json(
                shape
                    .replace("'discriminator':'k',", "")
                    .formatted("{'$ref':'#/components/schemas/E'}")));
    assertThat(definition("{'additionalProperties':false,'items':[{'type':'string'}]}"))
        .isEqualTo(json("{'additionalProperties':false,'items':[{'type':'string'}]}"));
  }
}
