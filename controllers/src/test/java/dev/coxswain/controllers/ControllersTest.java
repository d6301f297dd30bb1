package dev.coxswain.controllers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.controllers.Controllers.Selection;
import dev.coxswain.controllers.Controllers.Settings;
import dev.coxswain.controllers.manager.ManagerMetrics;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ListOptions;
import dev.coxswain.runtime.program.Durations;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** All controllers together, on real threads and a real clock. */
final class ControllersTest {
  private final Time time = new SystemTime();
  private final Randomness random = Randomness.seeded(1);
  private final FakeApi api = new FakeApi(time, random);
  private final Controllers controllers =
      new Controllers(
          api,
          new Settings(
              Duration.ofSeconds(40),
              Optional.of("10.244.0.0/16"),
              Optional.of("PEM"),
              Optional.empty(),
              Optional.empty()),
          time,
          random);

  @Test
  void aTermWorksEndsAndTheNextOneGoesOn() {
    api.serve(Pod.class);
    api.serve(ReplicaSet.class);
    Selection everything = Selection.of(List.of("*"), controllers.names());
    try (Term term = term(everything)) {
      term.leading();
      api.resource(Namespace.class)
          .create(new NamespaceBuilder().withNewMetadata().withName("team").endMetadata().build());
      api.resource(ReplicaSet.class).create(set());
      await()
          .until(() ->
              api.resource(ServiceAccount.class).list("team", ListOptions.ALL).items().size() == 1);
      await().until(() -> pods() == 3);
      term.lost();
      term.leading();
      api.resource(Pod.class)
          .delete(
              new dev.coxswain.api.meta.ObjectKey(
                  "team",
                  api.resource(Pod.class)
                      .list("team", ListOptions.ALL)
                      .items()
                      .getFirst()
                      .getMetadata()
                      .getName()),
              DeleteOptions.DEFAULT);
      await().until(() -> pods() == 3);
      api.resource(ReplicaSet.class)
          .delete(new dev.coxswain.api.meta.ObjectKey("team", "web"), DeleteOptions.DEFAULT);
      await().until(() -> pods() == 0);
      assertThat(term.problem()).isEmpty();
    }
    await().until(() -> api.openWatches() == 0);
  }

  @Test
  void aTermThatEndsAtAnyMomentLeavesNothingAtWork() throws InterruptedException {
    api.serve(Pod.class);
    Selection everything = Selection.of(List.of("*"), controllers.names());
    for (int round = 0; round < 100; round++) {
      Term term = term(everything);
      term.leading();
      time.sleep(Duration.ofNanos(random.below(5_000_000)));
      term.lost();
      term.leading();
      time.sleep(Duration.ofNanos(random.below(5_000_000)));
      term.close();
      assertThat(term.problem()).isEmpty();
    }
    await().until(() -> api.openWatches() == 0);
  }

  @Test
  void onlyThoseThatAreSelectedRun() {
    Selection all = Selection.of(List.of("*", "-replicaset-controller"), controllers.names());
    assertThat(all.wants("deployment-controller")).isTrue();
    assertThat(all.wants("replicaset-controller")).isFalse();
    Selection one = Selection.of(List.of("replicaset-controller"), controllers.names());
    assertThat(one.wants("deployment-controller")).isFalse();
    assertThatThrownBy(() -> Selection.of(List.of("*", "-nobody"), controllers.names()))
        .hasMessageContaining("\"nobody\"")
        .hasMessageContaining("replicaset-controller");
  }

  @Test
  void durationsAreReadAsFlagsSpellThem() {
    assertThat(Durations.parse("--x", "1m30s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(Durations.parse("--x", "500ms")).isEqualTo(Duration.ofMillis(500));
    assertThatThrownBy(() -> Durations.parse("--x", "soon"))
        .hasMessage("--x: \"soon\" is not a duration such as 40s or 1m30s");
  }

  private Term term(Selection selection) {
    return new Term(
        api,
        controllers,
        selection,
        (controller, about, warning, reason, message) -> {},
        new ManagerMetrics(new PrometheusRegistry()),
        time,
        random);
  }

  private int pods() {
    return api.resource(Pod.class).list("team", ListOptions.ALL).items().size();
  }

  private static ReplicaSet set() {
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("team")
        .endMetadata()
        .withNewSpec()
        .withReplicas(3)
        .withNewSelector()
        .withMatchLabels(Map.of("app", "web"))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Map.of("app", "web"))
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
