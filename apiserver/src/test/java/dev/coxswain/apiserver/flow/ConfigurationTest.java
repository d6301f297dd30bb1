package dev.coxswain.apiserver.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.authn.ServiceAccountNames;
import dev.coxswain.apiserver.authn.UserInfo;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.request.RequestInfo;
import dev.coxswain.apiserver.watch.ObjectView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ConfigurationTest {
  private final List<ObjectNode> levels = new ArrayList<>();
  private final List<ObjectNode> schemas = new ArrayList<>();
  private final ObjectView view =
      new ObjectView() {
        @Override
        public Optional<ObjectNode> find(GroupResource resource, ObjectKey key) {
          return Optional.empty();
        }

        @Override
        public List<ObjectNode> list(GroupResource resource, String namespace) {
          return resource.equals(Configuration.LEVELS) ? levels : schemas;
        }

        @Override
        public long revision(GroupResource resource) {
          return list(resource, "").size();
        }
      };

  private static UserInfo user(String name, String... groups) {
    return UserInfo.of(name, List.of(groups)).with(UserInfo.AUTHENTICATED);
  }

  private String schema(UserInfo user, String method, String path) {
    RequestInfo info = RequestInfo.parse(method, path, Query.NONE);
    return Configuration.read(view).route(info.attributes(user)).schema().name();
  }

  @Test
  void aNewClusterClassifiesByWhatItWillBeGiven() {
    String pods = "/api/v1/namespaces/a/pods";
    String lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x";
    UserInfo node = user("system:node:n", "system:nodes");
    UserInfo scheduler = user("system:kube-scheduler");
    assertThat(schema(user("root", UserInfo.MASTERS), "GET", pods)).isEqualTo("exempt");
    assertThat(schema(UserInfo.ANONYMOUS, "GET", "/livez")).isEqualTo("probes");
    assertThat(schema(UserInfo.ANONYMOUS, "GET", "/version")).isEqualTo("global-default");
    assertThat(schema(scheduler, "PUT", lease)).isEqualTo("system-leader-election");
    assertThat(schema(scheduler, "GET", pods)).isEqualTo("kube-scheduler");
    assertThat(schema(node, "PATCH", "/api/v1/nodes/n/status")).isEqualTo("system-node-high");
    assertThat(schema(node, "GET", pods)).isEqualTo("system-nodes");
    String dns = ServiceAccountNames.user("kube-system", "dns");
    assertThat(schema(user(dns, "system:serviceaccounts"), "GET", pods))
        .isEqualTo("kube-system-service-accounts");
    String app = ServiceAccountNames.user("a", "app");
    assertThat(schema(user(app, "system:serviceaccounts"), "GET", pods))
        .isEqualTo("service-accounts");
    assertThat(schema(user("ada"), "GET", pods)).isEqualTo("global-default");
  }

  @Test
  void schemasOfTheClustersOwnComeByTheirPrecedence() {
    levels.addAll(FlowObjects.levels());
    schemas.addAll(FlowObjects.schemas());
    schemas.add(
        Json.parseObject(
            """
            {"metadata": {"name": "ada", "uid": "1"}, "spec": {"matchingPrecedence": 50,
             "priorityLevelConfiguration": {"name": "workload-low"},
             "distinguisherMethod": {"type": "ByNamespace"},
             "rules": [{"subjects": [{"kind": "User", "user": {"name": "ada"}}],
               "resourceRules": [{"verbs": ["list"], "apiGroups": [""], "resources": ["pods"],
                 "namespaces": ["a"]}]}]}}
            """));
    assertThat(schema(user("ada"), "GET", "/api/v1/namespaces/a/pods")).isEqualTo("ada");
    assertThat(schema(user("ada"), "GET", "/api/v1/namespaces/b/pods")).isEqualTo("global-default");
    assertThat(schema(user("ada"), "GET", "/api/v1/pods")).isEqualTo("global-default");
    assertThat(schema(user("eve"), "GET", "/api/v1/namespaces/a/pods")).isEqualTo("global-default");
  }

  @Test
  void aSchemaWithoutItsLevelIsPassedOverAndTheMandatoryOnesAlwaysExist() {
    levels.add(FlowObjects.levels().get(1));
    schemas.add(
        Json.parseObject(
            """
            {"metadata": {"name": "ada"}, "spec": {"matchingPrecedence": 1,
             "priorityLevelConfiguration": {"name": "gone"},
             "rules": [{"subjects": [{"kind": "Group", "group": {"name": "*"}}],
               "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}]}]}}
            """));
    assertThat(schema(user("ada"), "GET", "/version")).isEqualTo("catch-all");
    assertThat(schema(user("root", UserInfo.MASTERS), "GET", "/version")).isEqualTo("exempt");
  }

  @Test
  void flowsAreToldApartBySchemaAndByUserOrNamespace() {
    FlowSchema byUser = FlowSchema.of(FlowObjects.schemas().get(9));
    FlowSchema byNamespace = FlowSchema.of(FlowObjects.schemas().get(5));
    RequestInfo a = RequestInfo.parse("GET", "/api/v1/namespaces/a/pods", Query.NONE);
    RequestInfo b = RequestInfo.parse("GET", "/api/v1/namespaces/b/pods", Query.NONE);
    assertThat(byUser.flow(a.attributes(user("ada"))))
        .isEqualTo(byUser.flow(b.attributes(user("ada"))))
        .isNotEqualTo(byUser.flow(a.attributes(user("eve"))));
    assertThat(byNamespace.flow(a.attributes(user("ada"))))
        .isEqualTo(byNamespace.flow(a.attributes(user("eve"))))
        .isNotEqualTo(byNamespace.flow(b.attributes(user("ada"))));
  }

  @Test
  void whatIsSuggestedIsPutRightOnlyWhereNobodyObjects() {
    ObjectNode wanted = FlowObjects.levels().get(2);
    ObjectNode changed = wanted.deepCopy();
    Json.ensureObject(changed, "spec", "limited").put("nominalConcurrencyShares", 7);
    assertThat(FlowObjects.reconcile(changed, wanted)).isPresent();
    Json.ensureObject(changed, "metadata", "annotations")
        .put("apf.kubernetes.io/autoupdate-spec", "false");
    assertThat(FlowObjects.reconcile(changed, wanted)).isEmpty();
    ObjectNode catchAll = FlowObjects.levels().get(1);
    ObjectNode broken = catchAll.deepCopy();
    Json.ensureObject(broken, "spec").put("type", "Exempt");
    Json.ensureObject(broken, "metadata").remove("annotations");
    assertThat(FlowObjects.reconcile(broken, catchAll)).isPresent();
    assertThat(FlowObjects.reconcile(catchAll.deepCopy(), catchAll)).isEmpty();
  }
}
