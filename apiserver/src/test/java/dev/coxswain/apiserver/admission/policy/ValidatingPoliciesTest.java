package dev.coxswain.apiserver.admission.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authz.Authorizer;
import dev.coxswain.apiserver.authz.Decision;
import dev.coxswain.apiserver.verbs.WriteContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes on their way past policies. Apostrophes stand for quotes, backticks for apostrophes. */
class ValidatingPoliciesTest extends PolicyFixture {
  private final PolicyStatus status = new PolicyStatus(cache, registry, writer, time);

  @Override
  AdmissionPlugin plugin(ClusterObjects objects, Authorizer authorizer) {
    return new ValidatingPolicies(cache, registry, objects, authorizer);
  }

  @AfterEach
  void stopStatus() {
    status.close();
  }

  private void policy(String name, String spec) {
    write(
        GROUP,
        "v1",
        "ValidatingAdmissionPolicy",
        "",
        "{'metadata': {'name': '"
            + name
            + "'}, 'spec': {'matchConstraints': {'resourceRules': [{'apiGroups': [''],"
            + " 'apiVersions': ['v1'], 'operations': ['CREATE'], 'resources': ['configmaps']}]}, "
            + spec
            + "}}");
  }

  private void bind(String policy, String rest) {
    write(
        GROUP,
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "",
        "{'metadata': {'name': '"
            + policy
            + "-here'}, 'spec': {'policyName': '"
            + policy
            + "', "
            + rest
            + "}}");
  }

  private List<String> configure(String name, String data) {
    WriteContext context = by("ada");
    write(
        "",
        "v1",
        "ConfigMap",
        "shop",
        "{'metadata': {'name': '" + name + "', 'namespace': 'shop'}, 'data': " + data + "}",
        context);
    return context.warnings();
  }

  @Test
  void whatAPolicyForbidsIsRefusedInItsWords() {
    policy(
        "sizes",
        """
        'variables': [{'name': 'size', 'expression': 'int(object.data.size)'},
                      {'name': 'large', 'expression': 'variables.size > 3'}],
        'validations': [{'expression': '!variables.large', 'reason': 'Forbidden',
           'messageExpression': '`%s asks for %d`.format([request.userInfo.username, variables.size])'},
          {'expression': 'namespaceObject.metadata.labels.team == `a`'},
          {'expression': '!has(object.data.fly) || authorizer.group(``).resource(`configmaps`).check(`fly`).allowed()',
           'message': 'who cannot fly stays'}]
        """);
    configure("before", "{'size': '9'}");
    bind("sizes", "'validationActions': ['Deny']");
    configure("small", "{'size': '3'}");
    assertThatThrownBy(() -> configure("large", "{'size': '4'}"))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.status().message())
                  .isEqualTo(
                      "configmaps \"large\" is forbidden: ValidatingAdmissionPolicy 'sizes' with"
                          + " binding 'sizes-here' denied request: ada asks for 4");
              assertThat(refusal.status().reason()).isEqualTo(StatusReason.FORBIDDEN);
            });
    assertThatThrownBy(() -> configure("bird", "{'size': '1', 'fly': 'yes'}"))
        .hasMessageContaining("who cannot fly stays")
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.status().code()).isEqualTo(422));
    assertThatThrownBy(() -> configure("none", "{}"))
        .hasMessageContaining(
            "expression '!variables.large' resulted in error: composited variable \"large\" fails"
                + " to evaluate: composited variable \"size\" fails to evaluate: no such key:"
                + " size");
  }

  @Test
  void theAuthorizerIsAskedWithTheSelectorsThatAreGiven() {
    policy(
        "narrow",
        """
        'validations': [
          {'expression': 'authorizer.group(``).resource(`pods`).fieldSelector(`spec.nodeName=n`).labelSelector(`a=b`).namespace(`x`).check(`list`).allowed()',
           'message': 'narrowed'},
          {'expression': 'authorizer.group(``).resource(`pods`).fieldSelector(object.data.fields).check(`list`).allowed()',
           'message': 'not narrowed'}]
        """);
    bind("narrow", "'validationActions': ['Deny']");
    configure("narrow", "{'fields': 'spec.nodeName=m'}");
    for (String all : List.of("", "senseless")) {
      assertThatThrownBy(() -> configure("wide", "{'fields': '" + all + "'}"))
          .hasMessageEndingWith("denied request: not narrowed");
    }
  }

  @Test
  void conditionsAndFailurePoliciesLetGo() {
    policy(
        "named",
        """
        'failurePolicy': 'Ignore',
        'matchConditions': [{'name': 'mine', 'expression': 'object.metadata.name.startsWith(`x`)'}],
        'validations': [{'expression': 'object.data.flag == `on`'}]
        """);
    bind("named", "'validationActions': ['Deny']");
    configure("other", "{'flag': 'off'}");
    configure("x-broken", "{}");
    assertThatThrownBy(() -> configure("x-off", "{'flag': 'off'}"))
        .hasMessageContaining("failed expression: object.data.flag == 'on'");
  }

  @Test
  void warningsAreToldAndNothingRefused() {
    policy("soft", "'validations': [{'expression': 'false', 'message': 'think again'}]");
    bind("soft", "'validationActions': ['Warn', 'Audit']");
    assertThat(configure("a", "{}"))
        .containsExactly(
            "Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft-here': think"
                + " again");
  }

  @Test
  void parametersComeFromObjects() {
    policy(
        "limited",
        """
        'paramKind': {'apiVersion': 'v1', 'kind': 'ConfigMap'},
        'validations': [{'expression': 'int(object.data.size) <= int(params.data.most)'}]
        """);
    configure("limits", "{'most': '5'}");
    bind(
        "limited",
        "'paramRef': {'name': 'limits', 'parameterNotFoundAction': 'Deny'}, 'validationActions':"
            + " ['Deny']");
    configure("fits", "{'size': '5'}");
    assertThatThrownBy(() -> configure("more", "{'size': '6'}"))
        .hasMessageContaining("failed expression: int(object.data.size) <= int(params.data.most)");
  }

  private void policyOfAll(String name, String spec) {
    write(
        GROUP,
        "v1",
        "ValidatingAdmissionPolicy",
        "",
        "{'metadata': {'name': '"
            + name
            + "'}, 'spec': {'matchConstraints': {'resourceRules': [{'apiGroups': ['*'],"
            + " 'apiVersions': ['*'], 'operations': ['*'], 'resources': ['*']}]}, "
            + spec
            + "}}");
  }

  private AdmissionRequest asked(String group, String plural, String kind, String name) {
    return new AdmissionRequest(
        AdmissionRequest.Operation.CREATE,
        new GroupVersionKind(group, "v1", kind),
        new GroupResource(group, plural),
        "",
        "",
        name,
        json("{'metadata': {'name': '" + name + "'}, 'spec': {}}"),
        null,
        null,
        false,
        by("ada").user(),
        new ArrayList<>(),
        Annotations.NONE);
  }

  private AdmissionPlugin policies() {
    return plugin(
        new ClusterObjects(cache, (resource, key) -> Optional.empty()),
        _ -> new Decision.Allow(""));
  }

  @Test
  void noPolicyStandsInTheWayOfQuestionsThatTheClusterLivesOn() {
    policyOfAll("never", "'validations': [{'expression': 'false'}]");
    bind("never", "'validationActions': ['Deny']");
    AdmissionPlugin policies = policies();
    assertThatThrownBy(() -> policies.validate(asked("", "namespaces", "Namespace", "x")))
        .hasMessageContaining("failed expression: false");
    for (String group : List.of("authentication", "authorization")) {
      List<String> kinds =
          group.equals("authentication")
              ? List.of("TokenReview", "SelfSubjectReview")
              : List.of(
                  "SubjectAccessReview",
                  "SelfSubjectAccessReview",
                  "LocalSubjectAccessReview",
                  "SelfSubjectRulesReview");
      for (String kind : kinds) {
        String plural = kind.toLowerCase(Locale.ROOT) + "s";
        policies.validate(asked(group + ".k8s.io", plural, kind, ""));
      }
    }
  }

  @Test
  void theParametersOfANamespaceAreInIt() {
    policyOfAll(
        "limited",
        """
        'paramKind': {'apiVersion': 'v1', 'kind': 'ConfigMap'},
        'matchConditions': [{'name': 'namespaces', 'expression': 'request.kind.kind == `Namespace`'}],
        'validations': [{'expression': 'params.data.open == `yes`'}]
        """);
    configure("limits", "{'open': 'no'}");
    bind(
        "limited",
        "'paramRef': {'name': 'limits', 'parameterNotFoundAction': 'Allow'}, 'validationActions':"
            + " ['Deny']");
    AdmissionPlugin policies = policies();
    policies.validate(asked("", "namespaces", "Namespace", "x"));
    assertThatThrownBy(() -> policies.validate(asked("", "namespaces", "Namespace", "shop")))
        .hasMessageContaining("failed expression: params.data.open == 'yes'");
  }

  @Test
  void bindingsChooseByNamespace() {
    policy("never", "'validations': [{'expression': 'false'}]");
    bind(
        "never",
        "'matchResources': {'namespaceSelector': {'matchLabels': {'team': 'b'}}},"
            + " 'validationActions': ['Deny']");
    configure("a", "{}");
  }

  @Test
  void brokenPoliciesAreNotTaken() {
    assertThatThrownBy(() -> policy("bad", "'validations': [{'expression': 'object.x >'}]"))
        .hasMessageContaining(
            "spec.validations[0].expression: Invalid value: \"object.x >\": compilation failed:"
                + " ERROR: <input>:1:11: Syntax error");
    assertThatThrownBy(() -> policy("bad", "'validations': [{'expression': 'params.x'}]"))
        .hasMessageContaining("undeclared reference to 'params'");
    assertThatThrownBy(() -> policy("bad", "'validations': [{'expression': '1 + 1'}]"))
        .hasMessageContaining("must evaluate to bool but got int");
    assertThatThrownBy(() -> policy("bad", "'failurePolicy': 'Fail'"))
        .hasMessageContaining(
            "spec.validations: Required value: validations or auditAnnotations must contain at"
                + " least one item");
    assertThatThrownBy(() -> bind("bad", "'validationActions': ['Deny', 'Warn']"))
        .hasMessageContaining("must not contain both Deny and Warn");
  }

  @Test
  void theStatusSaysWhatDoesNotFitTheKinds() {
    status.start();
    policy("typo", "'validations': [{'expression': 'object.dta.size() > 0'}]");
    GroupResource resource = new GroupResource(GROUP, "validatingadmissionpolicies");
    await()
        .untilAsserted(() -> {
          ObjectNode policy = cache.find(resource, ObjectKey.cluster("typo")).orElseThrow();
          assertThat(Json.number(policy, 0, "status", "observedGeneration")).isEqualTo(1);
          JsonNode warning =
              Json.at(policy, "status", "typeChecking", "expressionWarnings").path(0);
          assertThat(Json.text(warning, "fieldRef")).isEqualTo("spec.validations[0].expression");
          assertThat(Json.text(warning, "warning"))
              .contains("/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'dta'");
        });
  }
}
