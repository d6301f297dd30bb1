package dev.coxswain.controllers.clusterrole;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClusterRoleAggregationTest {
  private Simulation simulation = new Simulation(1, new ClusterRoleAggregationController());

  @BeforeEach
  void start() {
    simulation.api().serve(ClusterRole.class);
    simulation.restart();
  }

  private static ClusterRoleBuilder role(String name, String... resources) {
    ClusterRoleBuilder role =
        new ClusterRoleBuilder().withNewMetadata().withName(name).endMetadata();
    for (String resource : resources) {
      role.addNewRule().withApiGroups("").withResources(resource).withVerbs("get").endRule();
    }
    return role;
  }

  private static ClusterRole part(String name, String into, String... resources) {
    return role(name, resources).editMetadata().addToLabels(into, "true").endMetadata().build();
  }

  private static ClusterRole sum(String name, String... labels) {
    ClusterRoleBuilder role = role(name).withNewAggregationRule().endAggregationRule();
    for (String label : labels) {
      role.editAggregationRule()
          .addNewClusterRoleSelector()
          .addToMatchLabels(label, "true")
          .endClusterRoleSelector()
          .endAggregationRule();
    }
    return role.build();
  }

  private void create(ClusterRole role) {
    simulation.calmly(() -> simulation.api().resource(ClusterRole.class).create(role));
  }

  private void change(ClusterRole role) {
    simulation.calmly(() -> simulation.api().resource(ClusterRole.class).update(role));
  }

  private void delete(String name) {
    simulation.calmly(() -> {
      simulation
          .api()
          .resource(ClusterRole.class)
          .delete(ObjectKey.cluster(name), DeleteOptions.DEFAULT);
      return name;
    });
  }

  private ClusterRole stored(String name) {
    return simulation.stored(ClusterRole.class, "", name).orElseThrow();
  }

  /** The resources of a role's rules, in their order. */
  private List<String> rules(String name) {
    List<String> resources = new ArrayList<>();
    stored(name).getRules().forEach(rule -> resources.addAll(rule.getResources()));
    return resources;
  }

  @Test
  void aRoleGathersByLabelAndLosesWhatIsDeleted() {
    create(sum("sum", "into"));
    create(part("later", "into", "pods"));
    create(part("other", "elsewhere", "secrets"));
    simulation.settle();
    assertThat(rules("sum")).containsExactly("pods");
    create(part("earlier", "into", "nodes"));
    simulation.settle();
    assertThat(rules("sum")).as("by name").containsExactly("nodes", "pods");
    delete("later");
    simulation.settle();
    assertThat(rules("sum")).containsExactly("nodes");
    delete("earlier");
    simulation.settle();
    assertThat(rules("sum")).isEmpty();
  }

  @Test
  void aRoleWithAnotherLabelOrOtherRulesIsGatheredAsItIsNow() {
    create(sum("sum", "into"));
    create(part("part", "into", "pods"));
    simulation.settle();
    change(
        new ClusterRoleBuilder(stored("part"))
            .editFirstRule()
            .withResources("nodes")
            .endRule()
            .build());
    simulation.settle();
    assertThat(rules("sum")).containsExactly("nodes");
    change(
        new ClusterRoleBuilder(stored("part"))
            .editMetadata()
            .removeFromLabels("into")
            .endMetadata()
            .build());
    simulation.settle();
    assertThat(rules("sum")).isEmpty();
  }

  @Test
  void selectorsComeInTheirOrderAndARuleOnce() {
    create(part("a", "second", "pods", "nodes"));
    create(part("b", "first", "secrets", "nodes"));
    create(part("c", "first", "secrets"));
    create(sum("sum", "first", "second"));
    simulation.settle();
    assertThat(rules("sum")).containsExactly("secrets", "nodes", "pods");
  }

  @Test
  void whatIsGatheredByOneThatIsGatheredComesToo() {
    create(sum("admin", "to-admin"));
    create(
        new ClusterRoleBuilder(sum("edit", "to-edit"))
            .editMetadata()
            .addToLabels("to-admin", "true")
            .endMetadata()
            .build());
    create(part("boats", "to-edit", "boats"));
    simulation.settle();
    assertThat(rules("edit")).containsExactly("boats");
    assertThat(rules("admin")).containsExactly("boats");
  }

  @Test
  void whatSomebodyWritesIntoSuchARoleIsReplaced() {
    create(sum("sum", "into"));
    create(part("part", "into", "pods"));
    simulation.settle();
    change(
        new ClusterRoleBuilder(stored("sum"))
            .addNewRule()
            .withApiGroups("*")
            .withResources("*")
            .withVerbs("*")
            .endRule()
            .build());
    simulation.settle();
    assertThat(rules("sum")).containsExactly("pods");
  }

  @Test
  void nothingIsWrittenWhereNothingChanges() {
    create(sum("sum", "into"));
    create(part("part", "into", "pods"));
    create(role("alone", "secrets").build());
    simulation.settle();
    String version = stored("sum").getMetadata().getResourceVersion();
    create(part("twin", "into", "pods"));
    simulation.restart();
    simulation.settle();
    assertThat(stored("sum").getMetadata().getResourceVersion()).isEqualTo(version);
    assertThat(rules("alone")).containsExactly("secrets");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void inAStormEverythingIsGatheredInTheEndAndNoDeletedRoleComesBack(long seed) {
    simulation = new Simulation(seed, new ClusterRoleAggregationController());
    start();
    create(sum("sum", "into"));
    create(sum("gone", "into"));
    for (int i = 1; i <= 5; i++) {
      create(part("part-" + i, "into", "boats-" + i));
    }
    simulation.storm(100, FakeFaults.SOME, () -> {});
    delete("part-2");
    delete("gone");
    simulation.storm(50, FakeFaults.SOME, () -> {});
    simulation.restart();
    simulation.settle();
    assertThat(rules("sum")).containsExactly("boats-1", "boats-3", "boats-4", "boats-5");
    assertThat(simulation.stored(ClusterRole.class, "", "gone")).isEmpty();
  }
}
