package dev.coxswain.apiserver.admission.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.authz.Authorizer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Objects that policies change. Apostrophes stand for quotes, backticks for apostrophes. */
class MutatingPoliciesTest extends PolicyFixture {
  @Override
  AdmissionPlugin plugin(ClusterObjects objects, Authorizer authorizer) {
    return new MutatingPolicies(cache, registry, objects, authorizer);
  }

  private void policy(String name, String resource, String rest) {
    write(
        GROUP,
        "v1",
        "MutatingAdmissionPolicy",
        "",
        "{'metadata': {'name': '"
            + name
            + "'}, 'spec': {'matchConstraints': {'resourceRules': [{'apiGroups': ['*'],"
            + " 'apiVersions': ['v1'], 'operations': ['CREATE'], 'resources': ['"
            + resource
            + "']}]}, "
            + rest
            + "}}");
  }

  private void bind(String policy) {
    bind(policy, "");
  }

  private void bind(String policy, String rest) {
    write(
        GROUP,
        "v1",
        "MutatingAdmissionPolicyBinding",
        "",
        "{'metadata': {'name': '"
            + policy
            + "-here'}, 'spec': {'policyName': '"
            + policy
            + "'"
            + rest
            + "}}");
  }

  private static String configuration(String expression) {
    return "{'patchType': 'ApplyConfiguration', 'applyConfiguration': {'expression': '"
        + expression
        + "'}}";
  }

  private static String patch(String expression) {
    return "{'patchType': 'JSONPatch', 'jsonPatch': {'expression': '" + expression + "'}}";
  }

  private ObjectNode configure(String name, String data) {
    return write(
            "",
            "v1",
            "ConfigMap",
            "shop",
            "{'metadata': {'name': '" + name + "', 'namespace': 'shop'}, 'data': " + data + "}",
            by("ada"))
        .parse();
  }

  @Test
  void fieldsAreMergedIntoTheObject() {
    policy(
        "marks",
        "configmaps",
        "'reinvocationPolicy': 'Never', 'variables': [{'name': 'team', 'expression':"
            + " 'namespaceObject.metadata.labels.team'}], 'mutations': ["
            + configuration(
                "Object{metadata: Object.metadata{annotations: {`team`: variables.team, `by`:"
                    + " request.userInfo.username}}}")
            + "]");
    assertThat(configure("before", "{'a': 'b'}").path("metadata").has("annotations")).isFalse();
    bind("marks");
    ObjectNode marked = configure("after", "{'a': 'b'}");
    assertThat(Json.text(marked, "metadata", "annotations", "team")).isEqualTo("a");
    assertThat(Json.text(marked, "metadata", "annotations", "by")).isEqualTo("ada");
    assertThat(Json.text(marked, "data", "a")).isEqualTo("b");
  }

  @Test
  void keyedListsAreMergedByTheirKeysAndDefaultsFilledIn() {
    policy(
        "sidecars",
        "deployments",
        "'reinvocationPolicy': 'Never', 'mutations': ["
            + configuration(
                "Object{spec: Object.spec{template: Object.spec.template{spec:"
                    + " Object.spec.template.spec{containers:"
                    + " [Object.spec.template.spec.containers{name: `proxy`, image: `p:1`}]}}}}")
            + "]");
    bind("sidecars");
    ObjectNode deployment =
        write(
                "apps",
                "v1",
                "Deployment",
                "shop",
                "{'metadata': {'name': 'd', 'namespace': 'shop'}, 'spec': {'selector':"
                    + " {'matchLabels': {'a': 'b'}}, 'template': {'metadata': {'labels': {'a':"
                    + " 'b'}}, 'spec': {'containers': [{'name': 'main', 'image': 'm:1'}]}}}}",
                by("ada"))
            .parse();
    var containers = Json.at(deployment, "spec", "template", "spec", "containers");
    assertThat(containers).hasSize(2);
    assertThat(containers.toString())
        .contains("\"main\"", "\"proxy\"")
        .doesNotContain("\"imagePullPolicy\":null");
    containers.forEach(
        container -> assertThat(Json.text(container, "imagePullPolicy")).isEqualTo("IfNotPresent"));
  }

  @Test
  void patchesAreAppliedUnlessTheirTestFails() {
    policy(
        "patches",
        "configmaps",
        "'reinvocationPolicy': 'Never', 'mutations': ["
            + patch(
                "[JSONPatch{op: `test`, path: `/data/colour`, value: `red`}, JSONPatch{op:"
                    + " `replace`, path: `/data/colour`, value: `green`}]")
            + ", "
            + patch(
                "has(object.metadata.labels) ? [] : [JSONPatch{op: `add`, path:"
                    + " `/metadata/labels`, value: {}}, JSONPatch{op: `add`, path:"
                    + " `/metadata/labels/` + jsonpatch.escapeKey(`example.com/c`), value:"
                    + " object.data.colour}]")
            + "]");
    bind("patches");
    ObjectNode red = configure("red", "{'colour': 'red'}");
    assertThat(Json.text(red, "data", "colour")).isEqualTo("green");
    assertThat(Json.text(red, "metadata", "labels", "example.com/c"))
        .as("the second sees what the first has done")
        .isEqualTo("green");
    ObjectNode blue = configure("blue", "{'colour': 'blue'}");
    assertThat(Json.text(blue, "data", "colour")).isEqualTo("blue");
    assertThat(Json.text(blue, "metadata", "labels", "example.com/c")).isEqualTo("blue");
  }

  @Test
  void conditionsAndParametersDecide() {
    configure("suffix", "{'value': '!'}");
    policy(
        "shouts",
        "configmaps",
        "'reinvocationPolicy': 'Never', 'paramKind': {'apiVersion': 'v1', 'kind': 'ConfigMap'},"
            + " 'matchConditions': [{'name': 'loud', 'expression': 'has(object.data.loud)'}],"
            + " 'mutations': ["
            + patch(
                "[JSONPatch{op: `replace`, path: `/data/loud`, value: object.data.loud +"
                    + " params.data.value}]")
            + "]");
    bind("shouts", ", 'paramRef': {'name': 'suffix', 'parameterNotFoundAction': 'Deny'}");
    assertThat(Json.text(configure("quiet", "{'a': 'b'}"), "data", "a")).isEqualTo("b");
    assertThat(Json.text(configure("loud", "{'loud': 'hey'}"), "data", "loud")).isEqualTo("hey!");
  }

  @Test
  void whoWantsToSeesWhatOthersMakeOfTheObject() {
    String counts =
        "'mutations': ["
            + patch(
                "[JSONPatch{op: `add`, path: `/data/first`, value: object.data.?first.orValue(``) +"
                    + " `x`}]")
            + "], 'reinvocationPolicy': ";
    policy("a-again", "configmaps", counts + "'IfNeeded'");
    policy("b-once", "configmaps", counts.replace("first", "second") + "'Never'");
    bind("a-again");
    bind("b-once");
    ObjectNode counted = configure("counted", "{'a': 'b'}");
    assertThat(Json.text(counted, "data", "first")).isEqualTo("xx");
    assertThat(Json.text(counted, "data", "second")).isEqualTo("x");
  }

  @Test
  void whatCannotBeDoneRefusesTheRequestOrIsLeftOut() {
    String broken =
        "'reinvocationPolicy': 'Never', 'mutations': ["
            + configuration(
                "Object{spec: Object.spec{template: Object.spec.template{spec:"
                    + " Object.spec.template.spec{tolerations:"
                    + " [Object.spec.template.spec.tolerations{key: `k`}]}}}}")
            + "]";
    String deployment =
        "{'metadata': {'name': 'd', 'namespace': 'shop'}, 'spec': {'selector': {'matchLabels':"
            + " {'a': 'b'}}, 'template': {'metadata': {'labels': {'a': 'b'}}, 'spec':"
            + " {'containers': [{'name': 'main', 'image': 'm:1'}]}}}}";
    policy("tolerates", "deployments", broken);
    bind("tolerates");
    assertThatThrownBy(() -> write("apps", "v1", "Deployment", "shop", deployment, by("ada")))
        .hasMessage(
            "policy 'tolerates' with binding 'tolerates-here' denied request: error applying"
                + " patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or"
                + " structs: .spec.template.spec.tolerations")
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.status().code()).isEqualTo(403);
              assertThat(refusal.status().reason()).isEqualTo(StatusReason.INVALID);
            });
    policy("wishes", "configmaps", broken.replace("'Never'", "'Never', 'failurePolicy': 'Ignore'"));
    bind("wishes");
    assertThat(Json.text(configure("as-is", "{'a': 'b'}"), "data", "a")).isEqualTo("b");
  }

  @Test
  void badPoliciesAreRefused() {
    assertThatThrownBy(() ->
            policy(
                "bad",
                "configmaps",
                "'mutations': ["
                    + configuration("[1]")
                    + ", {'patchType': 'JSONPatch', 'applyConfiguration': {'expression':"
                    + " 'Object{}'}}, "
                    + patch("Object{}")
                    + ", {'patchType': 'Strategic'}]"))
        .hasMessageContaining(
            "spec.mutations[0].applyConfiguration.expression: Invalid value: \"[1]\": must evaluate"
                + " to Object but got list(int)")
        .hasMessageContaining(
            "spec.mutations[1].jsonPatch: Required value: must be specified when patchType is"
                + " JSONPatch")
        .hasMessageContaining(
            "spec.mutations[1].applyConfiguration: Invalid value: \"{applyConfiguration}\": must"
                + " not be specified when patchType is JSONPatch")
        .hasMessageContaining(
            "spec.mutations[2].jsonPatch.expression: Invalid value: \"Object{}\": must evaluate to"
                + " list(JSONPatch) but got Object")
        .hasMessageContaining(
            "spec.mutations[3].patchType: Unsupported value: \"Strategic\": supported values:"
                + " \"ApplyConfiguration\", \"JSONPatch\"")
        .hasMessageContaining("spec.reinvocationPolicy: Required value");
  }
}
