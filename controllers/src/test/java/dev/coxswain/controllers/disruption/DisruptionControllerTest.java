package dev.coxswain.controllers.disruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetSpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

final class DisruptionControllerTest {
  private Simulation simulation = simulation(5);
  private Story<PodDisruptionBudget> story = new Story<>(simulation, PodDisruptionBudget.class);

  @Test
  void allowsWhatIsHealthyBeyondTheLeast() {
    begin();
    set(4);
    story.create(budget(spec -> spec.setMinAvailable(new IntOrString("50%"))));
    simulation.settle();
    PodDisruptionBudgetStatus status = status();
    assertThat(status.getExpectedPods()).isEqualTo(4);
    assertThat(status.getDesiredHealthy()).isEqualTo(2);
    assertThat(status.getCurrentHealthy()).isEqualTo(4);
    assertThat(status.getDisruptionsAllowed()).isEqualTo(2);
    assertThat(allowed().getStatus()).isEqualTo("True");
    assertThat(allowed().getReason()).isEqualTo("SufficientPods");
  }

  @Test
  void nothingIsAllowedBelowTheLeast() {
    begin();
    set(2);
    story.create(budget(spec -> spec.setMinAvailable(new IntOrString(3))));
    simulation.settle();
    assertThat(status().getDisruptionsAllowed()).isZero();
    assertThat(allowed().getReason()).isEqualTo("InsufficientPods");
  }

  @Test
  void anEvictedPodIsNotCountedUntilItShouldBeGone() {
    begin();
    set(3);
    story.create(budget(spec -> spec.setMaxUnavailable(new IntOrString(1))));
    simulation.settle();
    assertThat(status().getDisruptionsAllowed()).isEqualTo(1);
    String evicted = story.podNames().getFirst();
    story.changeStatus(budget ->
        new PodDisruptionBudgetBuilder(budget)
            .editStatus()
            .withDisruptionsAllowed(0)
            .withDisruptedPods(Map.of(evicted, Meta.timestamp(simulation.time().now())))
            .endStatus()
            .build());
    simulation.settle();
    assertThat(status().getCurrentHealthy()).isEqualTo(2);
    assertThat(status().getDisruptionsAllowed()).isZero();
    simulation.pass(Duration.ofMinutes(2));
    assertThat(status().getDisruptedPods()).isNullOrEmpty();
    assertThat(status().getDisruptionsAllowed()).isEqualTo(1);
    assertThat(story.reasons()).contains("NotDeleted");
  }

  @Test
  void aBarePodHasNoExpectation() {
    begin();
    simulation
        .api()
        .resource(Pod.class)
        .create(
            new PodBuilder()
                .withNewMetadata()
                .withName("bare")
                .withNamespace("default")
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .endContainer()
                .endSpec()
                .build());
    story.create(budget(spec -> spec.setMaxUnavailable(new IntOrString(1))));
    simulation.settle();
    assertThat(story.reasons()).contains("UnmanagedPods");
    assertThat(status().getDisruptionsAllowed()).isZero();
  }

  @Test
  void aSetOfSomebodyElsesSaysItselfHowManyItWants() {
    begin();
    ReplicaSet set = Workloads.replicaSet("web", 4);
    set.getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("argoproj.io/v1alpha1")
                    .withKind("Rollout")
                    .withName("web")
                    .withUid("rollout")
                    .withController(true)
                    .build()));
    simulation.calmly(() -> simulation.api().resource(ReplicaSet.class).create(set));
    story.create(budget(spec -> spec.setMaxUnavailable(new IntOrString(1))));
    simulation.settle();
    assertThat(status().getExpectedPods()).isEqualTo(4);
    assertThat(status().getDisruptionsAllowed()).isEqualTo(1);
  }

  @Test
  void anOwnerOfACustomKindIsAskedForItsScaleUntilItHasOne() {
    begin();
    Flock flock = new Flock();
    flock.setMetadata(new ObjectMetaBuilder().withName("geese").withNamespace("default").build());
    flock.setSpec(Map.of("replicas", 3));
    Flock geese = simulation.api().resource(Flock.class).create(flock);
    for (int i = 0; i < 3; i++) {
      simulation
          .api()
          .resource(Pod.class)
          .create(
              new PodBuilder()
                  .withNewMetadata()
                  .withName("goose-" + i)
                  .withNamespace("default")
                  .addToLabels("app", "web")
                  .withOwnerReferences(Owners.controllerReference(geese))
                  .endMetadata()
                  .withNewSpec()
                  .addNewContainer()
                  .withName("main")
                  .endContainer()
                  .endSpec()
                  .build());
    }
    story.create(budget(spec -> spec.setMaxUnavailable(new IntOrString("34%"))));
    simulation.settle();
    assertThat(allowed().getReason()).isEqualTo("SyncFailed");
    assertThat(status().getDisruptionsAllowed()).isZero();
    simulation.api().serve(Flock.class);
    simulation.settle();
    assertThat(status().getExpectedPods()).isEqualTo(3);
    assertThat(status().getDesiredHealthy()).isEqualTo(1);
    assertThat(status().getDisruptionsAllowed()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void neverAllowsMoreThanIsHealthyAndIsRightInTheEnd(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = simulation(seed);
      story = new Story<>(simulation, PodDisruptionBudget.class);
      begin();
      set(5);
      story.create(budget(spec -> spec.setMinAvailable(new IntOrString("60%"))));
      simulation.storm(
          150,
          FakeFaults.SOME,
          () -> {
            var status = story.stored().getStatus();
            if (status != null && status.getDisruptionsAllowed() != null) {
              assertThat(status.getDisruptionsAllowed()).isLessThanOrEqualTo(2);
            }
          });
      simulation.restart();
      simulation.settle();
      assertThat(status().getDisruptionsAllowed()).as(simulation.recent()).isEqualTo(2);
    }
  }

  private static Simulation simulation(long seed) {
    return Simulation.of(
        seed, List.of(DisruptionController::new, api -> new ReplicaSetController()));
  }

  private void begin() {
    simulation.actor(new PodLife(simulation)).restart();
  }

  private PodDisruptionBudgetStatus status() {
    return story.stored().getStatus();
  }

  private Condition allowed() {
    return status().getConditions().getFirst();
  }

  private void set(int replicas) {
    simulation.calmly(() ->
        simulation.api().resource(ReplicaSet.class).create(Workloads.replicaSet("web", replicas)));
  }

  private static PodDisruptionBudget budget(Consumer<PodDisruptionBudgetSpec> change) {
    PodDisruptionBudget budget =
        new PodDisruptionBudgetBuilder()
            .withNewMetadata()
            .withName("careful")
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .withNewSelector()
            .addToMatchLabels("app", "web")
            .endSelector()
            .endSpec()
            .build();
    change.accept(budget.getSpec());
    return budget;
  }

  /** A custom kind that has pods. */
  @JsonDeserialize(using = ValueDeserializer.None.class)
  @Group("example.com")
  @Version("v1")
  public static final class Flock implements HasMetadata, Namespaced {
    private static final long serialVersionUID = 1;

    private String apiVersion = "example.com/v1";
    private ObjectMeta metadata = new ObjectMeta();
    private Map<String, Integer> spec = Map.of();

    @Override
    public String getApiVersion() {
      return apiVersion;
    }

    @Override
    public void setApiVersion(String version) {
      apiVersion = version;
    }

    @Override
    public String getKind() {
      return "Flock";
    }

    @Override
    public ObjectMeta getMetadata() {
      return metadata;
    }

    @Override
    public void setMetadata(ObjectMeta data) {
      metadata = data;
    }

    public Map<String, Integer> getSpec() {
      return spec;
    }

    public void setSpec(Map<String, Integer> wanted) {
      spec = wanted;
    }
  }
}
