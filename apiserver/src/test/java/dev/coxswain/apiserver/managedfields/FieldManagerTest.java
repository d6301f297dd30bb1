package dev.coxswain.apiserver.managedfields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.schema.BuiltinSchemas;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class FieldManagerTest {
  private static final Schema DEPLOYMENT = BuiltinSchemas.load().kind("apps", "v1", "Deployment");
  private static final Schema CONFIG_MAP = BuiltinSchemas.load().kind("", "v1", "ConfigMap");

  private static FieldManager deployments(String name, String now) {
    return new FieldManager(
        _ -> Optional.empty(),
        "apps/v1",
        DEPLOYMENT,
        FieldSet.field("status"),
        new FieldManager.Writer(name, "", now));
  }

  private static FieldManager configMaps(String name) {
    return new FieldManager(
        _ -> Optional.empty(),
        "v1",
        CONFIG_MAP,
        FieldSet.EMPTY,
        new FieldManager.Writer(name, "", "2026-01-01T00:00:00Z"));
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }

  private static ObjectNode stored(ObjectNode object) {
    Json.ensureObject(object, "metadata").put("uid", "1");
    return object;
  }

  private static ObjectNode created(FieldManager manager, String object) {
    ObjectNode created = json(object);
    manager.update(Json.object(), created);
    return stored(created);
  }

  private static JsonNode fields(ObjectNode object, String manager) {
    for (JsonNode entry : Json.at(object, "metadata", "managedFields")) {
      if (Json.text(entry, "manager").equals(manager)) {
        return entry.path("fieldsV1");
      }
    }
    return Json.object();
  }

  private static final String WEB =
      """
      {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','labels':{'a':'b'}},
       'spec':{'replicas':3,'selector':{'matchLabels':{'a':'b'}},'template':{
         'metadata':{'labels':{'a':'b'}},'spec':{'containers':[
           {'name':'main','image':'one','ports':[{'containerPort':80}]}]}}}}\
      """;

  @Test
  void applierOwnsWhatItSpeaksOf() {
    ObjectNode object =
        deployments("me", "2026-01-01T00:00:00Z").apply(Json.object(), json(WEB), false);
    assertThat(fields(object, "me"))
        .isEqualTo(
            json(
                """
                {'f:metadata':{'f:labels':{'f:a':{}}},
                 'f:spec':{'f:replicas':{},'f:selector':{},
                  'f:template':{'f:metadata':{'f:labels':{'f:a':{}}},
                   'f:spec':{'f:containers':{'k:{\\"name\\":\\"main\\"}':{'.':{},'f:image':{},
                     'f:name':{},'f:ports':{'k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}':
                      {'.':{},'f:containerPort':{}}}}}}}}}\
                """));
    JsonNode entry = Json.at(object, "metadata", "managedFields").get(0);
    assertThat(Json.text(entry, "operation")).isEqualTo("Apply");
    assertThat(Json.text(entry, "time")).isEqualTo("2026-01-01T00:00:00Z");
  }

  @Test
  void conflictNamesTheOwnerAndTheField() {
    ObjectNode object =
        stored(deployments("me", "2026-01-01T00:00:00Z").apply(Json.object(), json(WEB), false));
    ObjectNode other = json(WEB.replace("'replicas':3", "'replicas':5").replace("one", "two"));
    FieldManager you = deployments("you", "2026-01-02T00:00:00Z");
    ApiException conflict =
        catchThrowableOfType(ApiException.class, () -> you.apply(object, other, false));
    assertThat(conflict.is(StatusReason.CONFLICT)).isTrue();
    assertThat(conflict)
        .hasMessage(
            "Apply failed with 2 conflicts: conflicts with \"me\":\n- .spec.replicas\n"
                + "- .spec.template.spec.containers[name=\"main\"].image");
    assertThat(conflict.status().details().causes().getFirst().reason())
        .isEqualTo("FieldManagerConflict");
    ObjectNode forced = you.apply(object, other, true);
    assertThat(Json.number(forced, 0, "spec", "replicas")).isEqualTo(5);
    assertThat(Json.at(fields(forced, "me"), "f:spec").has("f:replicas")).isFalse();
  }

  @Test
  void oneConflictWithAnUpdaterSaysSinceWhen() {
    ObjectNode object = created(deployments("kubectl-create", "2026-01-01T00:00:00Z"), WEB);
    ObjectNode other = json(WEB.replace("'replicas':3", "'replicas':5"));
    FieldManager you = deployments("you", "2026-01-02T00:00:00Z");
    ApiException conflict =
        catchThrowableOfType(ApiException.class, () -> you.apply(object, other, false));
    assertThat(conflict)
        .hasMessage(
            "Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1 at"
                + " 2026-01-01T00:00:00Z: .spec.replicas");
  }

  @Test
  void sameValueIsSharedAndStaysWithTheOther() {
    ObjectNode object =
        stored(configMaps("me").apply(Json.object(), json("{'data':{'a':'1','b':'2'}}"), false));
    ObjectNode both = configMaps("you").apply(object, json("{'data':{'a':'1'}}"), false);
    ObjectNode without = configMaps("me").apply(both, json("{'data':{'b':'2'}}"), false);
    assertThat(without.path("data")).isEqualTo(json("{'a':'1','b':'2'}"));
    ObjectNode gone = configMaps("you").apply(without, json("{'data':{}}"), false);
    assertThat(gone.path("data")).isEqualTo(json("{'b':'2'}"));
  }

  @Test
  void whatAnApplierDropsIsRemovedButNotWhatOthersUpdated() {
    ObjectNode object =
        stored(deployments("me", "2026-01-01T00:00:00Z").apply(Json.object(), json(WEB), false));
    ObjectNode scaled = object.deepCopy();
    Json.ensureObject(scaled, "spec").put("replicas", 7);
    deployments("scaler", "2026-01-02T00:00:00Z").update(object, scaled);
    ObjectNode dropped =
        json(
            WEB.replace("'replicas':3,", "")
                .replace("'labels':{'a':'b'}},\n 'spec'", "'x':1},'spec'"));
    ObjectNode result = deployments("me", "2026-01-03T00:00:00Z").apply(scaled, dropped, false);
    assertThat(Json.number(result, 0, "spec", "replicas")).isEqualTo(7);
    ObjectNode alone =
        deployments("me", "2026-01-03T00:00:00Z")
            .apply(object, json(WEB.replace(",'ports':[{'containerPort':80}]", "")), false);
    assertThat(Json.at(alone, "spec", "template", "spec", "containers").get(0).has("ports"))
        .isFalse();
  }

  @Test
  void elementsOfKeyedListsAreMergedInTheirOrder() {
    ObjectNode object = created(deployments("kubectl-create", "2026-01-01T00:00:00Z"), WEB);
    ObjectNode sidecar =
        json(
            """
            {'spec':{'template':{'spec':{'containers':[{'name':'log','image':'l'}]}}}}\
            """);
    ObjectNode both = deployments("you", "2026-01-02T00:00:00Z").apply(object, sidecar, false);
    JsonNode containers = Json.at(both, "spec", "template", "spec", "containers");
    assertThat(containers).extracting(c -> Json.text(c, "name")).containsExactly("main", "log");
    ObjectNode none =
        deployments("you", "2026-01-03T00:00:00Z").apply(both, json("{'spec':{}}"), false);
    assertThat(Json.at(none, "spec", "template", "spec", "containers")).hasSize(1);
  }

  @Test
  void nothingIsRecordedWhereNothingChanges() {
    ObjectNode object = created(deployments("me", "2026-01-01T00:00:00Z"), WEB);
    ObjectNode same = object.deepCopy();
    deployments("you", "2026-01-02T00:00:00Z").update(object, same);
    assertThat(same).isEqualTo(object);
    FieldManager applier = deployments("you", "2026-01-02T00:00:00Z");
    ObjectNode applied = applier.apply(object, json(WEB), false);
    ObjectNode again = deployments("you", "2026-01-03T00:00:00Z").apply(applied, json(WEB), false);
    assertThat(again).isEqualTo(applied);
  }

  @Test
  void managedFieldsAreResetOnDemandAndThenBeginAtTheNextApply() {
    ObjectNode object = created(configMaps("me"), "{'data':{'a':'1'}}");
    ObjectNode reset = object.deepCopy();
    Json.ensureObject(reset, "metadata").set("managedFields", json("{'x':[{}]}").path("x"));
    configMaps("me").update(object, reset);
    assertThat(reset.path("metadata").has("managedFields")).isFalse();
    ObjectNode applied = configMaps("you").apply(reset, json("{'data':{'b':'2'}}"), false);
    assertThat(Json.at(fields(applied, "before-first-apply"), "f:data", "f:a").isObject()).isTrue();
  }

  @Test
  void whoLeavesManagedFieldsOutOrBreaksThemKeepsThem() {
    ObjectNode object = created(configMaps("me"), "{'data':{'a':'1'}}");
    for (String given : new String[] {"null", "[{'manager':'x','operation':'Guess'}]"}) {
      ObjectNode update = json("{'metadata':{'uid':'1'},'data':{'a':'1','b':'2'}}");
      if (!given.equals("null")) {
        Json.ensureObject(update, "metadata")
            .set("managedFields", json("{'x':" + given + "}").path("x"));
      }
      configMaps("you").update(object, update);
      assertThat(Json.at(fields(update, "me"), "f:data", "f:a").isObject()).isTrue();
      assertThat(Json.at(fields(update, "you"), "f:data", "f:b").isObject()).isTrue();
    }
  }

  @Test
  void kubectlDoesNotConflictWithWhatItAppliedOnTheClientsSide() {
    ObjectNode object = json(WEB);
    Json.ensureObject(object, "metadata", "annotations")
        .put("kubectl.kubernetes.io/last-applied-configuration", WEB.replace('\'', '"'));
    deployments("kubectl-client-side-apply", "2026-01-01T00:00:00Z").update(Json.object(), object);
    stored(object);
    ObjectNode changed = json(WEB.replace("'replicas':3", "'replicas':5"));
    ObjectNode result =
        deployments("kubectl", "2026-01-02T00:00:00Z").apply(object, changed, false);
    assertThat(Json.number(result, 0, "spec", "replicas")).isEqualTo(5);
    assertThat(
            Json.text(
                result,
                "metadata",
                "annotations",
                "kubectl.kubernetes.io/last-applied-configuration"))
        .contains("\"replicas\":5");
  }

  @Test
  void onlyTenUpdatersAreKeptApart() {
    ObjectNode object = created(configMaps("me"), "{'data':{'a':'1'}}");
    for (int i = 0; i < 20; i++) {
      ObjectNode next = object.deepCopy();
      Json.ensureObject(next, "data").put("key" + i, "x");
      configMaps("manager-" + i).update(object, next);
      object = next;
    }
    assertThat(Json.at(object, "metadata", "managedFields")).hasSize(10);
    assertThat(fields(object, "ancient-changes").isEmpty()).isFalse();
  }

  @Test
  void freeFormTypesAreTrackedByWhatTheyAre() {
    FieldManager free =
        new FieldManager(
            _ -> Optional.empty(),
            "x.io/v1",
            Schema.anything(),
            FieldSet.EMPTY,
            new FieldManager.Writer("me", "", "2026-01-01T00:00:00Z"));
    ObjectNode object =
        free.apply(Json.object(), json("{'spec':{'list':[1,2],'map':{'a':{'b':null}}}}"), false);
    assertThat(fields(object, "me"))
        .isEqualTo(
            json("{'f:spec':{'.':{},'f:list':{},'f:map':{'.':{},'f:a':{'.':{},'f:b':{}}}}}"));
  }
}
