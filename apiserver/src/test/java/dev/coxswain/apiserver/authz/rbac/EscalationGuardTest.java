package dev.coxswain.apiserver.authz.rbac;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.apiserver.admission.AdmissionRequest;
import dev.coxswain.apiserver.admission.ClusterObjects;
import dev.coxswain.apiserver.audit.Annotations;
import dev.coxswain.apiserver.authn.UserInfo;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class EscalationGuardTest {
  private final FixedView view = new FixedView();
  private final RbacAuthorizer rbac = new RbacAuthorizer(view);
  private final EscalationGuard guard =
      new EscalationGuard(
          rbac, rbac, new ClusterObjects(view, (resource, key) -> Optional.empty()));

  @BeforeEach
  void bobMayWriteRolesAndReadPods() {
    view.put(
        "{'kind':'Role','metadata':{'namespace':'deck','name':'bosun'},'rules':[{'apiGroups':['rbac.authorization.k8s.io'],'resources':['*'],'verbs':['create','update']},"
            + "{'apiGroups':[''],'resources':['pods'],'verbs':['get','list']}]}");
    view.put(
        "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'b'},'roleRef':{'kind':'Role','name':'bosun'},'subjects':[{'kind':'User','name':'bob'}]}");
  }

  @Test
  void whatIsHeldMayBeGranted() {
    assertThatCode(() -> guard.validate(role("get"))).doesNotThrowAnyException();
  }

  @Test
  void whatIsNotHeldIsRefusedWithTheMissingRule() {
    assertThatThrownBy(() -> guard.validate(role("delete")))
        .hasMessageContaining("roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"bob\"")
        .hasMessageEndingWith("{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}");
  }

  @Test
  void aBindingToAStrongerRoleIsRefusedUnlessItMayBeBound() {
    view.put(
        "{'kind':'ClusterRole','metadata':{'name':'cluster-admin'},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
    String binding =
        "{'metadata':{'name':'x'},'roleRef':{'kind':'ClusterRole','name':'cluster-admin'},'subjects':[{'kind':'User','name':'bob'}]}";
    assertThatThrownBy(() -> guard.validate(request("rolebindings", binding)))
        .hasMessageContaining("attempting to grant RBAC permissions");
    view.put(
        "{'kind':'Role','metadata':{'namespace':'deck','name':'binder'},'rules':[{'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles'],'verbs':['bind']}]}");
    view.put(
        "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'c'},'roleRef':{'kind':'Role','name':'binder'},'subjects':[{'kind':'User','name':'bob'}]}");
    assertThatCode(() -> guard.validate(request("rolebindings", binding)))
        .doesNotThrowAnyException();
  }

  @Test
  void aRoleThatIsNotThereYetCannotBeBoundBeforeItsRulesAreKnown() {
    String binding =
        "{'metadata':{'name':'x'},'roleRef':{'kind':'ClusterRole','name':'tomorrows'},'subjects':[{'kind':'User','name':'bob'}]}";
    assertThatThrownBy(() -> guard.validate(request("rolebindings", binding)))
        .hasMessage("clusterroles.rbac.authorization.k8s.io \"tomorrows\" not found");
  }

  private static final String STRONG =
      "{'metadata':{'name':'r','labels':{%s},'finalizers':[%s]},%s"
          + "'rules':[{'apiGroups':[''],'resources':['secrets'],'verbs':['get']}]}";
  private static final String PLAIN = STRONG.formatted("", "", "");

  @Test
  void theLabelsOfAStrongerRoleAreNotChangedSinceOthersGatherItByThem() {
    String labelled = STRONG.formatted("'aggregate-to-edit':'true'", "", "");
    assertThatThrownBy(() -> guard.validate(update("clusterroles", PLAIN, labelled)))
        .hasMessageEndingWith("{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}");
  }

  @Test
  void whatLetsAStrongerRoleGoMayBeChanged() {
    String held = STRONG.formatted("", "'example.com/later'", "");
    assertThatCode(() -> guard.validate(update("clusterroles", held, PLAIN)))
        .doesNotThrowAnyException();
  }

  @Test
  void whatOthersGatherIsNeitherBegunNorEndedByWhoDoesNotHoldEverything() {
    String weak = "{'metadata':{'name':'r'},%s'rules':[]}";
    String gathering = "'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'a':'b'}}]},";
    String message =
        "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin"
            + " privileges to use the aggregationRule";
    String plain = weak.formatted("");
    String aggregate = weak.formatted(gathering);
    assertThatThrownBy(() -> guard.validate(request("clusterroles", aggregate)))
        .hasMessage(message);
    assertThatThrownBy(() -> guard.validate(update("clusterroles", aggregate, plain)))
        .hasMessage(message);
    assertThatThrownBy(() ->
            guard.validate(update("clusterroles", aggregate, aggregate.replace("'b'", "'c'"))))
        .hasMessage(message);
    view.put(
        "{'kind':'Role','metadata':{'namespace':'deck','name':'e'},'rules':[{'apiGroups':['rbac.authorization.k8s.io'],'resources':['clusterroles'],'verbs':['escalate']}]}");
    view.put(
        "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'e'},'roleRef':{'kind':'Role','name':'e'},'subjects':[{'kind':'User','name':'bob'}]}");
    assertThatCode(() -> guard.validate(request("clusterroles", aggregate)))
        .doesNotThrowAnyException();
  }

  private static AdmissionRequest role(String verb) {
    return request(
        "roles",
        "{'metadata':{'name':'r'},'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['%s']}]}"
            .formatted(verb));
  }

  private static AdmissionRequest request(String resource, String json) {
    return request(AdmissionRequest.Operation.CREATE, resource, json, null);
  }

  private static AdmissionRequest update(String resource, String before, String after) {
    return request(AdmissionRequest.Operation.UPDATE, resource, after, parsed(before));
  }

  private static ObjectNode parsed(String json) {
    return Json.parseObject(json.replace('\'', '"'));
  }

  private static AdmissionRequest request(
      AdmissionRequest.Operation operation,
      String resource,
      String json,
      @Nullable ObjectNode old) {
    return new AdmissionRequest(
        operation,
        new GroupVersionKind(CompiledPolicy.GROUP, "v1", "Role"),
        new GroupResource(CompiledPolicy.GROUP, resource),
        "",
        "deck",
        "r",
        parsed(json),
        old,
        null,
        false,
        UserInfo.of("bob", List.of()),
        List.of(),
        Annotations.NONE);
  }
}
