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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

  private static AdmissionRequest role(String verb) {
    return request(
        "roles",
        "{'metadata':{'name':'r'},'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['%s']}]}"
            .formatted(verb));
  }

  private static AdmissionRequest request(String resource, String json) {
    return new AdmissionRequest(
        AdmissionRequest.Operation.CREATE,
        new GroupVersionKind(CompiledPolicy.GROUP, "v1", "Role"),
        new GroupResource(CompiledPolicy.GROUP, resource),
        "",
        "deck",
        "r",
        Json.parseObject(json.replace('\'', '"')),
        null,
        null,
        false,
        UserInfo.of("bob", List.of()),
        List.of(),
        Annotations.NONE);
  }
}
