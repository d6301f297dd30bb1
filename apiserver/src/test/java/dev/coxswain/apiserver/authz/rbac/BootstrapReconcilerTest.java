package dev.coxswain.apiserver.authz.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class BootstrapReconcilerTest {

  @Test
  void everyBootstrapObjectIsUpToDateWithItself() {
    assertThat(BootstrapPolicy.objects())
        .isNotEmpty()
        .allSatisfy(object -> assertThat(BootstrapReconciler.reconcile(object, object)).isEmpty());
  }

  @Test
  void aMissingRuleComesBackAndAnAddedOneStays() {
    ObjectNode stored =
        json("{'metadata':{},'rules':[{'apiGroups':['mine'],'resources':['x'],'verbs':['get']}]}");
    ObjectNode wanted =
        json("{'metadata':{},'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['get']}]}");
    assertThat(BootstrapReconciler.reconcile(stored, wanted).orElseThrow().path("rules"))
        .hasSize(2);
  }

  @Test
  void aMissingSubjectComesBack() {
    ObjectNode stored = json("{'metadata':{},'subjects':[{'kind':'User','name':'mine'}]}");
    ObjectNode wanted = json("{'metadata':{},'subjects':[{'kind':'Group','name':'all'}]}");
    assertThat(BootstrapReconciler.reconcile(stored, wanted).orElseThrow().path("subjects"))
        .hasSize(2);
  }

  @Test
  void anObjectThatIsToBeLeftAloneIs() {
    ObjectNode stored =
        json(
            "{'metadata':{'annotations':{'rbac.authorization.kubernetes.io/autoupdate':'false'}},'rules':[]}");
    ObjectNode wanted =
        json("{'metadata':{},'rules':[{'apiGroups':[''],'resources':['pods'],'verbs':['get']}]}");
    assertThat(BootstrapReconciler.reconcile(stored, wanted)).isEmpty();
  }

  private static final String SUM =
      "{'metadata':{'name':'sum'},'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'into':'sum'}}]},'rules':[%s]}";
  private static final String RULE = "{'apiGroups':[''],'resources':['%s'],'verbs':['get']}";

  @Test
  void theRulesOfARoleThatGathersOthersAreItsControllers() {
    ObjectNode wanted = json(SUM.formatted(RULE.formatted("pods")));
    assertThat(BootstrapReconciler.reconcile(json(SUM.formatted(RULE.formatted("boats"))), wanted))
        .isEmpty();
    assertThat(
            BootstrapReconciler.reconcile(
                json(SUM.formatted(RULE.formatted("boats")).replace("into", "onto")), wanted))
        .contains(json(SUM.formatted(RULE.formatted("boats"))));
  }

  @Test
  void aRoleOfAnOlderClusterInWhichNothingWasGatheredHasTheRulesAtOnce() {
    ObjectNode wanted = json(SUM.formatted(RULE.formatted("pods")));
    assertThat(BootstrapReconciler.reconcile(json(SUM.formatted("")), wanted)).contains(wanted);
  }

  @Test
  void whatNodesOnceHeldIsTakenFromTheirRoleAndNothingElse() {
    String claims =
        "{'apiGroups':[''],'resources':['persistentvolumeclaims','persistentvolumes'],'verbs':['get']}";
    ObjectNode stored =
        json(
            "{'metadata':{'name':'system:node'},'rules':[%s,%s,%s]}"
                .formatted(RULE.formatted("boats"), claims, RULE.formatted("persistentvolumes")));
    ObjectNode wanted =
        json("{'metadata':{'name':'system:node'},'rules':[%s]}".formatted(RULE.formatted("pods")));
    assertThat(BootstrapReconciler.reconcile(stored, wanted))
        .contains(
            json(
                "{'metadata':{'name':'system:node'},'rules':[%s,%s,%s]}"
                    .formatted(
                        RULE.formatted("boats"),
                        RULE.formatted("persistentvolumes"),
                        RULE.formatted("pods"))));
    assertThat(
            BootstrapReconciler.reconcile(
                json("{'metadata':{'name':'mine'},'rules':[%s]}".formatted(claims)),
                json("{'metadata':{'name':'mine'},'rules':[%s]}".formatted(claims))))
        .as("another role")
        .isEmpty();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"'));
  }
}
