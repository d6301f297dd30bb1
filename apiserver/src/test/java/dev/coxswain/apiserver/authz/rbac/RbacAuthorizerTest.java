package dev.coxswain.apiserver.authz.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.authz.Attributes;
import dev.coxswain.apiserver.authz.Decision;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RbacAuthorizerTest {
  private final FixedView view = new FixedView();
  private final RbacAuthorizer rbac = new RbacAuthorizer(view);

  @Test
  void aRoleHoldsInItsNamespaceOnly() {
    view.put(
        "{'kind':'Role','metadata':{'namespace':'deck','name':'reader'},'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['get','list']}]}");
    view.put(
        "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'b'},'roleRef':{'kind':'Role','name':'reader'},'subjects':[{'kind':'User','name':'bob'}]}");
    assertThat(rbac.authorize(request("bob", "list", "", "pods", "", "deck", "")))
        .isEqualTo(
            new Decision.Allow(
                "RBAC: allowed by RoleBinding \"deck/b\" of Role \"reader\" to User \"bob\""));
    assertThat(allowed("bob", "list", "", "pods", "", "hold", "")).isFalse();
    assertThat(allowed("bob", "list", "", "pods", "", "", "")).as("over all namespaces").isFalse();
    assertThat(allowed("bob", "delete", "", "pods", "", "deck", "x")).isFalse();
    assertThat(allowed("bob", "get", "", "pods", "log", "deck", "x"))
        .as("a subresource wants its own rule")
        .isFalse();
    assertThat(allowed("eve", "list", "", "pods", "", "deck", "")).isFalse();
  }

  @Test
  void aServiceAccountIsBoundByItsNamespaceAndNameAndAGroupByItsName() {
    view.put(
        "{'kind':'ClusterRole','metadata':{'name':'all-pods'},'rules':[{'apiGroups':[''],'resources':['pods','pods/*','*/scale'],'verbs':['*']}]}");
    view.put(
        "{'kind':'ClusterRoleBinding','metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'all-pods'},"
            + "'subjects':[{'kind':'ServiceAccount','namespace':'deck','name':'cook'},{'kind':'Group','name':'crew'}]}");
    assertThat(
            allowed("system:serviceaccount:deck:cook", "delete", "", "pods", "", "anywhere", "x"))
        .isTrue();
    assertThat(
            allowed("system:serviceaccount:hold:cook", "delete", "", "pods", "", "anywhere", "x"))
        .isFalse();
    assertThat(
            rbac.authorize(
                attributes(
                    UserInfo.of("jim", List.of("crew")),
                    "patch",
                    "",
                    "anything",
                    "scale",
                    "n",
                    "x")))
        .isInstanceOf(Decision.Allow.class);
  }

  @Test
  void resourceNamesNarrowARule() {
    view.put(
        "{'kind':'ClusterRole','metadata':{'name':'one'},'rules':[{'apiGroups':['coordination.k8s.io'],'resources':['leases'],'resourceNames':['mine'],'verbs':['update']}]}");
    view.put(
        "{'kind':'ClusterRoleBinding','metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'one'},'subjects':[{'kind':'User','name':'bob'}]}");
    assertThat(allowed("bob", "update", "coordination.k8s.io", "leases", "", "n", "mine")).isTrue();
    assertThat(allowed("bob", "update", "coordination.k8s.io", "leases", "", "n", "yours"))
        .isFalse();
    assertThat(allowed("bob", "update", "coordination.k8s.io", "leases", "", "n", "")).isFalse();
  }

  @Test
  void anAggregatedRoleGivesWhatItsControllerHasWrittenIntoIt() {
    String sum =
        "{'kind':'ClusterRole','metadata':{'name':'%s'},'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'into':'sum'}}]},'rules':[%s]}";
    String rule = "{'apiGroups':['x'],'resources':['y'],'verbs':['get']}";
    view.put(sum.formatted("written", rule));
    view.put(sum.formatted("empty", ""));
    view.put(
        "{'kind':'ClusterRole','metadata':{'name':'part','labels':{'into':'sum'}},'rules':[%s]}"
            .formatted(rule));
    for (String role : List.of("written", "empty")) {
      view.put(
          "{'kind':'ClusterRoleBinding','metadata':{'name':'%1$s'},'roleRef':{'kind':'ClusterRole','name':'%1$s'},'subjects':[{'kind':'User','name':'%1$s'}]}"
              .formatted(role));
    }
    assertThat(allowed("written", "get", "x", "y", "", "", "z")).isTrue();
    assertThat(allowed("empty", "get", "x", "y", "", "", "z")).isFalse();
  }

  @Test
  void whoMayEditMayViewAndAnAdminMayDoBoth() {
    BootstrapPolicy.objects().forEach(view::put);
    for (String role : new String[] {"view", "edit", "admin"}) {
      view.put(
          "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'%1$s'},'roleRef':{'kind':'ClusterRole','name':'%1$s'},'subjects':[{'kind':'User','name':'%1$s'}]}"
              .formatted(role));
      assertThat(allowed(role, "get", "", "configmaps", "", "deck", "x")).as(role).isTrue();
      assertThat(allowed(role, "create", "apps", "deployments", "", "deck", ""))
          .as(role)
          .isEqualTo(!role.equals("view"));
      assertThat(allowed(role, "create", "rbac.authorization.k8s.io", "roles", "", "deck", ""))
          .as(role)
          .isEqualTo(role.equals("admin"));
    }
  }

  @Test
  void rolesForAddOnsWaitForTheirUsers() {
    BootstrapPolicy.objects().forEach(view::put);
    for (String role :
        List.of(
            "system:certificates.k8s.io:kubelet-serving-approver",
            "system:node-problem-detector")) {
      view.put(
          "{'kind':'ClusterRoleBinding','metadata':{'name':'%1$s'},'roleRef':{'kind':'ClusterRole','name':'%1$s'},'subjects':[{'kind':'User','name':'%1$s'}]}"
              .formatted(role));
    }
    String approver = "system:certificates.k8s.io:kubelet-serving-approver";
    String signers = "certificates.k8s.io";
    assertThat(
            allowed(
                approver, "approve", signers, "signers", "", "", "kubernetes.io/kubelet-serving"))
        .isTrue();
    assertThat(
            allowed(
                approver, "approve", signers, "signers", "", "", "kubernetes.io/legacy-unknown"))
        .isFalse();
    assertThat(allowed("system:node-problem-detector", "patch", "", "nodes", "status", "", "n"))
        .isTrue();
    assertThat(
            allowed(
                "system:serviceaccount:kube-system:kube-dns", "list", "", "services", "", "", ""))
        .isTrue();
  }

  @Test
  void aBindingThatComesLaterHoldsAtOnce() {
    assertThat(allowed("bob", "get", "", "pods", "", "deck", "x")).isFalse();
    view.put(
        "{'kind':'ClusterRole','metadata':{'name':'r'},'rules':[{'apiGroups':['*'],'resources':['*'],'verbs':['*']}]}");
    view.put(
        "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'b'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'User','name':'bob'}]}");
    assertThat(allowed("bob", "get", "", "pods", "", "deck", "x")).isTrue();
    assertThat(allowed("bob", "get", "", "nodes", "", "", "x"))
        .as("a role binding gives nothing cluster-wide")
        .isFalse();
  }

  @Test
  void everybodyMayAskForVersionAndHealthButOnlyAuthenticatedUsersForDiscovery() {
    BootstrapPolicy.objects().forEach(view::put);
    UserInfo authenticated = UserInfo.of("bob", List.of(UserInfo.AUTHENTICATED));
    assertThat(rbac.authorize(path(UserInfo.ANONYMOUS, "/version")))
        .isInstanceOf(Decision.Allow.class);
    assertThat(rbac.authorize(path(UserInfo.ANONYMOUS, "/readyz")))
        .isInstanceOf(Decision.Allow.class);
    assertThat(rbac.authorize(path(UserInfo.ANONYMOUS, "/apis/apps")))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(rbac.authorize(path(authenticated, "/apis/apps")))
        .isInstanceOf(Decision.Allow.class);
    assertThat(rbac.authorize(path(authenticated, "/metrics")))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(
            rbac.authorize(attributes(UserInfo.ANONYMOUS, "list", "", "pods", "", "default", "")))
        .isInstanceOf(Decision.NoOpinion.class);
  }

  @Test
  void theBootstrapPolicyGivesEachProcessWhatItNeedsAndNoMore() {
    BootstrapPolicy.objects().forEach(view::put);
    assertThat(allowed("system:kube-scheduler", "create", "", "pods", "binding", "n", "x"))
        .isTrue();
    assertThat(allowed("system:kube-scheduler", "get", "", "secrets", "", "n", "x")).isFalse();
    assertThat(
            allowed("system:kube-proxy", "watch", "discovery.k8s.io", "endpointslices", "", "", ""))
        .isTrue();
    assertThat(allowed("system:kube-proxy", "get", "", "secrets", "", "n", "x")).isFalse();
    assertThat(
            allowed(
                "system:kube-controller-manager", "delete", "example.com", "boats", "", "n", "x"))
        .isTrue();
    assertThat(allowed("system:kube-controller-manager", "create", "", "secrets", "", "n", ""))
        .isTrue();
    assertThat(
            allowed("system:kube-controller-manager", "create", "apps", "deployments", "", "n", ""))
        .isFalse();
    assertThat(
            allowed(
                "system:kube-controller-manager",
                "escalate",
                CompiledPolicy.GROUP,
                "clusterroles",
                "",
                "",
                "view"))
        .isTrue();
    assertThat(
            allowed(
                "system:kube-controller-manager",
                "bind",
                CompiledPolicy.GROUP,
                "clusterroles",
                "",
                "",
                "view"))
        .isFalse();
    assertThat(allowed("bob", "list", "", "pods", "", "", "")).isFalse();
  }

  @Test
  void theRoleOfNodesGivesNothingThatIsForTheNodeAuthorizerToGive() {
    BootstrapPolicy.objects().forEach(view::put);
    UserInfo node = UserInfo.of("system:node:n1", List.of("system:nodes"));
    for (String resource :
        List.of("secrets", "configmaps", "persistentvolumeclaims", "persistentvolumes", "pods")) {
      assertThat(rbac.authorize(attributes(node, "get", "", resource, "", "deck", "x")))
          .as(resource)
          .isInstanceOf(Decision.NoOpinion.class);
    }
    assertThat(
            rbac.authorize(
                attributes(node, "patch", "", "persistentvolumeclaims", "status", "deck", "x")))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(
            rbac.authorize(
                attributes(node, "get", "storage.k8s.io", "volumeattachments", "", "", "x")))
        .isInstanceOf(Decision.NoOpinion.class);
    assertThat(rbac.authorize(attributes(node, "list", "", "services", "", "deck", "")))
        .isInstanceOf(Decision.Allow.class);
  }

  @Test
  void viewMaySeePodsAndNoSecretsEditBothAndAdminRoles() {
    BootstrapPolicy.objects().forEach(view::put);
    for (String role : List.of("view", "edit", "admin")) {
      view.put(
          "{'kind':'RoleBinding','metadata':{'namespace':'deck','name':'%1$s'},'roleRef':{'kind':'ClusterRole','name':'%1$s'},'subjects':[{'kind':'User','name':'%1$s'}]}"
              .formatted(role));
    }
    assertThat(allowed("view", "list", "", "pods", "", "deck", "")).isTrue();
    assertThat(allowed("view", "list", "", "secrets", "", "deck", "")).isFalse();
    assertThat(allowed("edit", "list", "", "secrets", "", "deck", "")).isTrue();
    assertThat(allowed("edit", "create", "rbac.authorization.k8s.io", "roles", "", "deck", ""))
        .isFalse();
    assertThat(allowed("admin", "create", "rbac.authorization.k8s.io", "roles", "", "deck", ""))
        .isTrue();
  }

  private boolean allowed(
      String user,
      String verb,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    return rbac.authorize(request(user, verb, group, resource, subresource, namespace, name))
        instanceof Decision.Allow;
  }

  private static Attributes request(
      String user,
      String verb,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    return attributes(
        UserInfo.of(user, List.of()), verb, group, resource, subresource, namespace, name);
  }

  private static Attributes attributes(
      UserInfo user,
      String verb,
      String group,
      String resource,
      String subresource,
      String namespace,
      String name) {
    return new Attributes(
        user, verb, true, group, "v1", resource, subresource, namespace, name, "");
  }

  private static Attributes path(UserInfo user, String path) {
    return new Attributes(user, "get", false, "", "", "", "", "", "", path);
  }
}
