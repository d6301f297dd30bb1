package dev.coxswain.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetricsBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An autoscaler, the ReplicaSet that it scales, and a load that is shared by its pods. */
final class HorizontalPodAutoscalerControllerTest {
  /** What each pod requests, in thousandths of a processor. */
  private static final int REQUEST = 100;

  private Simulation simulation = simulation(3);
  private Story<HorizontalPodAutoscaler> story =
      new Story<>(simulation, HorizontalPodAutoscaler.class);

  /** In thousandths of a processor, all pods together; below zero where nothing is measured. */
  private long load = -1;

  private static Simulation simulation(long seed) {
    return Simulation.of(
        seed, List.of(HorizontalPodAutoscalerController::new, api -> new ReplicaSetController()));
  }

  @ParameterizedTest
  @CsvSource({"160, 4", "100, 2", "109, 2", "113, 3", "1000, 6"})
  void countsAsManyAsBringTheUseToItsTarget(long used, int replicas) {
    begin(2);
    load = used;
    autoscaler();
    simulation.pass(Duration.ofSeconds(15));
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(replicas);
    assertThat(condition("ScalingActive").getReason()).isEqualTo("ValidMetricFound");
    assertThat(condition("ScalingActive").getMessage())
        .endsWith("cpu resource utilization (percentage of request)");
  }

  @Test
  void saysHowManyTheTargetWantsAndNotHowManyThereAreYet() {
    simulation = Simulation.of(5, List.of(HorizontalPodAutoscalerController::new));
    story = new Story<>(simulation, HorizontalPodAutoscaler.class);
    simulation.restart();
    simulation.api().serve(ReplicaSet.class);
    simulation.api().resource(ReplicaSet.class).create(set(9));
    autoscaler();
    simulation.rest();
    assertThat(scaledTo()).isEqualTo(6);
    assertThat(story.stored().getStatus().getCurrentReplicas()).isEqualTo(9);
    assertThat(story.stored().getStatus().getDesiredReplicas()).isEqualTo(6);
  }

  @Test
  void ofTwoThatScaleTheSamePodsNeitherDoes() {
    begin(2);
    load = 160;
    autoscaler();
    HorizontalPodAutoscaler first = story.stored();
    simulation
        .api()
        .resource(HorizontalPodAutoscaler.class)
        .create(
            new HorizontalPodAutoscalerBuilder()
                .withNewMetadata()
                .withName("web-too")
                .withNamespace("default")
                .endMetadata()
                .withSpec(first.getSpec())
                .build());
    simulation.pass(Duration.ofMinutes(1));
    load = 600;
    int before = scaledTo();
    simulation.pass(Duration.ofMinutes(1));
    assertThat(scaledTo()).isEqualTo(before);
    assertThat(condition("ScalingActive").getReason()).isEqualTo("AmbiguousSelector");
    assertThat(condition("ScalingActive").getMessage())
        .isEqualTo(
            "pods by selector app=web are controlled by multiple HPAs: [default/web"
                + " default/web-too]");
    story.delete();
    simulation.pass(Duration.ofMinutes(1));
    assertThat(scaledTo()).isEqualTo(6);
  }

  @Test
  void saysWhatItDid() {
    begin(2);
    load = 160;
    autoscaler();
    simulation.pass(Duration.ofSeconds(1));
    assertThat(simulation.events())
        .anySatisfy(event -> {
          assertThat(event.reason()).isEqualTo("SuccessfulRescale");
          assertThat(event.message())
              .isEqualTo(
                  "New size: 4; reason: cpu resource utilization (percentage of request) above"
                      + " target");
        });
    assertThat(story.stored().getStatus().getLastScaleTime()).isNotNull();
    assertThat(
            story
                .stored()
                .getStatus()
                .getCurrentMetrics()
                .getFirst()
                .getResource()
                .getCurrent()
                .getAverageUtilization())
        .isPositive();
  }

  @Test
  void shrinksOnlyWhenTheLoadHasBeenLowForFiveMinutes() {
    begin(4);
    load = 200;
    autoscaler();
    simulation.pass(Duration.ofSeconds(15));
    load = 50;
    simulation.pass(Duration.ofMinutes(2));
    assertThat(scaledTo()).isEqualTo(4);
    assertThat(condition("AbleToScale").getReason()).isEqualTo("ScaleDownStabilized");
    for (int i = 0; i < 24; i++) {
      simulation.pass(Duration.ofSeconds(15));
    }
    assertThat(scaledTo()).isEqualTo(1);
  }

  @Test
  void changesNothingWhereNothingIsMeasured() {
    begin(2);
    autoscaler();
    simulation.pass(Duration.ofSeconds(15));
    assertThat(scaledTo()).isEqualTo(2);
    assertThat(condition("ScalingActive").getStatus()).isEqualTo("False");
    assertThat(condition("ScalingActive").getReason()).isEqualTo("FailedGetResourceMetric");
    assertThat(condition("ScalingActive").getMessage())
        .isEqualTo(
            "the HPA was unable to compute the replica count: failed to get cpu utilization: unable"
                + " to get metrics for resource cpu: no metrics returned from resource metrics"
                + " API");
    assertThat(story.reasons()).contains("FailedGetResourceMetric", "FailedComputeMetricsReplicas");
  }

  @Test
  void isDisabledByATargetOfNone() {
    begin(0);
    load = 100;
    autoscaler();
    simulation.pass(Duration.ofSeconds(15));
    assertThat(scaledTo()).isZero();
    assertThat(condition("ScalingActive").getReason()).isEqualTo("ScalingDisabled");
  }

  @Test
  void saysThatItsTargetIsMissing() {
    simulation.restart();
    autoscaler();
    simulation.pass(Duration.ofSeconds(15));
    assertThat(condition("AbleToScale").getReason()).isEqualTo("FailedGetScale");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void staysWithinItsBoundsAndIsRightInTheEnd(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = simulation(seed);
      story = new Story<>(simulation, HorizontalPodAutoscaler.class);
      begin(2);
      load = 210;
      autoscaler();
      simulation.storm(200, FakeFaults.SOME, () -> assertThat(scaledTo()).isBetween(1, 6));
      simulation.restart();
      for (int i = 0; i < 30; i++) {
        simulation.pass(Duration.ofSeconds(15));
      }
      // 210 of 100 each at a half: 4.2, and what a tenth more or less lets stand.
      assertThat(scaledTo()).as(simulation.recent()).isBetween(4, 5);
    }
  }

  private int scaledTo() {
    return simulation.stored(ReplicaSet.class).getFirst().getSpec().getReplicas();
  }

  private HorizontalPodAutoscalerCondition condition(String type) {
    return story.stored().getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private void begin(int replicas) {
    simulation.actor(new PodLife(simulation)).actor(this::measure).restart();
    simulation.api().serve(ReplicaSet.class);
    simulation.calmly(() -> simulation.api().resource(ReplicaSet.class).create(set(replicas)));
    simulation.settle();
  }

  /** Somebody who measures: what a ready pod uses changes with how many share the load. */
  private boolean measure() {
    return simulation.calmly(() -> {
      List<Pod> ready = story.pods().stream().filter(Pods::ready).toList();
      var metrics = simulation.api().resource(PodMetrics.class);
      boolean changed = false;
      for (PodMetrics old : simulation.stored(PodMetrics.class)) {
        if (load < 0 || ready.stream().noneMatch(pod -> Meta.name(pod).equals(Meta.name(old)))) {
          story.delete(old);
          changed = true;
        }
      }
      for (Pod pod : load < 0 ? List.<Pod>of() : ready) {
        PodMetrics wanted = metrics(pod, load / ready.size());
        var stored = metrics.find(Meta.key(pod));
        if (stored.isEmpty()) {
          metrics.create(wanted);
          changed = true;
        } else if (!stored.get().getContainers().equals(wanted.getContainers())) {
          wanted.getMetadata().setResourceVersion(stored.get().getMetadata().getResourceVersion());
          metrics.update(wanted);
          changed = true;
        }
      }
      return changed;
    });
  }

  private PodMetrics metrics(Pod pod, long milli) {
    return new PodMetricsBuilder()
        .withNewMetadata()
        .withName(Meta.name(pod))
        .withNamespace(Meta.namespace(pod))
        .withLabels(Meta.labels(pod))
        .endMetadata()
        // Measured after the pod's start, so that it says something about its load.
        .withTimestamp(Meta.timestamp(simulation.time().now().plus(Duration.ofMinutes(1))))
        .addNewContainer()
        .withName("main")
        .addToUsage("cpu", new Quantity(milli + "m"))
        .endContainer()
        .build();
  }

  private void autoscaler() {
    story.create(
        new HorizontalPodAutoscalerBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .withNewScaleTargetRef("apps/v1", "ReplicaSet", "web")
            .withMinReplicas(1)
            .withMaxReplicas(6)
            .addNewMetric()
            .withType("Resource")
            .withNewResource()
            .withName("cpu")
            .withNewTarget()
            .withType("Utilization")
            .withAverageUtilization(50)
            .endTarget()
            .endResource()
            .endMetric()
            .endSpec()
            .build());
  }

  private static ReplicaSet set(int replicas) {
    return new ReplicaSetBuilder(Workloads.replicaSet("web", replicas))
        .editSpec()
        .editTemplate()
        .editSpec()
        .editFirstContainer()
        .withNewResources()
        .addToRequests("cpu", new Quantity(REQUEST + "m"))
        .endResources()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
