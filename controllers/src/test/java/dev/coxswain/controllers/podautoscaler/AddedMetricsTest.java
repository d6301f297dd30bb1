package dev.coxswain.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.replicaset.ReplicaSetController;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** An autoscaler of a ReplicaSet of two pods, which goes by what add-ons measure. */
final class AddedMetricsTest {
  private static final String CUSTOM = "/apis/custom.metrics.k8s.io";
  private static final String EXTERNAL = "/apis/external.metrics.k8s.io";

  private final Simulation simulation =
      Simulation.of(
          5, List.of(HorizontalPodAutoscalerController::new, api -> new ReplicaSetController()));
  private final Story<HorizontalPodAutoscaler> story =
      new Story<>(simulation, HorizontalPodAutoscaler.class);

  /** What was asked, with its parameters. */
  private final List<String> asked = new ArrayList<>();

  @BeforeEach
  void twoPodsRun() {
    simulation.actor(new PodLife(simulation)).restart();
    simulation.api().serve(ReplicaSet.class);
    simulation.calmly(
        () -> simulation.api().resource(ReplicaSet.class).create(Workloads.replicaSet("web", 2)));
    simulation.settle();
  }

  @ParameterizedTest
  @CsvSource({"v1beta2, 60000, 3", "v1beta2, 40000, 2", "v1beta2, 43000, 2", "v1beta1, 80000, 4"})
  void aValueOfEachPodIsBroughtToItsTarget(String version, long all, int replicas) {
    serve(
        CUSTOM,
        version,
        path -> {
          assertThat(path).isEqualTo("/namespaces/default/pods/*/requests");
          return story.pods().stream().map(pod -> value(Meta.name(pod), shared(all))).toList();
        });
    autoscaler(
        new MetricSpecBuilder()
            .withType("Pods")
            .withNewPods()
            .withNewMetric()
            .withName("requests")
            .withSelector(new LabelSelectorBuilder().addToMatchLabels("verb", "GET").build())
            .endMetric()
            .withNewTarget()
            .withType("AverageValue")
            .withAverageValue(new Quantity("20"))
            .endTarget()
            .endPods()
            .build());
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(replicas);
    assertThat(active().getMessage()).endsWith("replica count from pods metric requests");
    assertThat(measured().getPods().getMetric().getName()).isEqualTo("requests");
    assertThat(measured().getPods().getCurrent().getAverageValue())
        .isEqualTo(new Quantity(shared(all)));
    assertThat(asked)
        .contains(
            CUSTOM
                + "/"
                + version
                + "/namespaces/default/pods/*/requests {labelSelector=app=web,"
                + " metricLabelSelector=verb=GET}");
  }

  @ParameterizedTest
  @CsvSource({
    "apps/v1, ReplicaSet, /namespaces/default/replicasets.apps/main/requests",
    "v1, Namespace, /namespaces/default/metrics/requests"
  })
  void aValueOfAnObjectIsBroughtToItsTarget(String version, String kind, String path) {
    serve(
        CUSTOM,
        "v1beta2",
        place -> {
          assertThat(place).isEqualTo(path);
          return List.of(value("main", shared(300_000)));
        });
    autoscaler(object(version, kind, "Value"));
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(3);
    assertThat(active().getMessage()).endsWith(kind + " metric requests");
    assertThat(measured().getObject().getCurrent().getValue()).isEqualTo(new Quantity("100"));
  }

  @Test
  void aValueOfAnObjectIsSharedByThePods() {
    serve(CUSTOM, "v1beta2", place -> List.of(value("main", "450")));
    autoscaler(object("apps/v1", "ReplicaSet", "AverageValue"));
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(5);
    assertThat(measured().getObject().getCurrent().getAverageValue()).isEqualTo(new Quantity("90"));
  }

  @ParameterizedTest
  @CsvSource({"Value, 12, 3", "AverageValue, 5, 3", "AverageValue, 9, 5", "AverageValue, 3300m, 2"})
  void theSumOfAnExternalMetricIsBroughtToItsTarget(String type, String depth, int replicas) {
    serve(
        EXTERNAL,
        "v1beta1",
        path -> {
          assertThat(path).isEqualTo("/namespaces/default/queue_depth");
          return type.equals("Value")
              ? List.of(value("", shared(Long.parseLong(depth) * 1000)))
              : List.of(value("", depth), value("", "1"));
        });
    autoscaler(external(type, type.equals("Value") ? "4" : "2"));
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(replicas);
    assertThat(active().getMessage())
        .endsWith(
            "external metric queue_depth(&LabelSelector{MatchLabels:map[string]string{queue:"
                + " jobs,},MatchExpressions:[]LabelSelectorRequirement{},})");
    assertThat(asked)
        .contains(EXTERNAL + "/v1beta1/namespaces/default/queue_depth {labelSelector=queue=jobs}");
  }

  @Test
  void withoutTheApiNothingChangesAndTheReasonIsTold() {
    autoscaler(object("apps/v1", "ReplicaSet", "Value"));
    assertThat(scaledTo()).isEqualTo(2);
    assertThat(active().getReason()).isEqualTo("FailedGetObjectMetric");
    assertThat(active().getMessage())
        .isEqualTo(
            "the HPA was unable to compute the replica count: unable to get metric requests:"
                + " ReplicaSet on default main/unable to fetch metrics from custom metrics API: no"
                + " known available metric versions found");
    assertThat(simulation.events())
        .anySatisfy(event -> {
          assertThat(event.reason()).isEqualTo("FailedComputeMetricsReplicas");
          assertThat(event.message())
              .startsWith(
                  "invalid metrics (1 invalid out of 1), first error is: failed to get object"
                      + " metric value: unable to get metric requests");
        });
  }

  @Test
  void anApiThatComesLaterIsFound() {
    autoscaler(external("Value", "4"));
    assertThat(active().getReason()).isEqualTo("FailedGetExternalMetric");
    assertThat(active().getMessage())
        .startsWith(
            "the HPA was unable to compute the replica count: failed to get queue_depth external"
                + " metric: unable to get external metric default/queue_depth/&LabelSelector{");
    serve(EXTERNAL, "v1beta1", path -> List.of(value("", shared(16_000))));
    simulation.pass(Duration.ofSeconds(15));
    assertThat(scaledTo()).as(simulation.recent()).isEqualTo(4);
  }

  @Test
  void aValueThatIsNoneChangesNothing() {
    serve(EXTERNAL, "v1beta1", path -> List.of(value("", "plenty")));
    autoscaler(external("Value", "4"));
    assertThat(scaledTo()).isEqualTo(2);
    assertThat(active().getMessage())
        .contains("external metrics API returned the value \"plenty\"");
  }

  private static MetricSpec object(String version, String kind, String type) {
    return new MetricSpecBuilder()
        .withType("Object")
        .withNewObject()
        .withDescribedObject(new CrossVersionObjectReference(version, kind, "main"))
        .withNewMetric()
        .withName("requests")
        .endMetric()
        .withNewTarget()
        .withType(type)
        .withValue(type.equals("Value") ? new Quantity("100") : null)
        .withAverageValue(type.equals("Value") ? null : new Quantity("100"))
        .endTarget()
        .endObject()
        .build();
  }

  private static MetricSpec external(String type, String target) {
    return new MetricSpecBuilder()
        .withType("External")
        .withNewExternal()
        .withNewMetric()
        .withName("queue_depth")
        .withSelector(new LabelSelectorBuilder().addToMatchLabels("queue", "jobs").build())
        .endMetric()
        .withNewTarget()
        .withType(type)
        .withValue(type.equals("Value") ? new Quantity(target) : null)
        .withAverageValue(type.equals("Value") ? null : new Quantity(target))
        .endTarget()
        .endExternal()
        .build();
  }

  /** An add-on with an API in one version, whose values come by the path below that. */
  private void serve(String api, String version, Function<String, List<ObjectNode>> values) {
    simulation
        .api()
        .serve((path, query) -> {
          asked.add(path + " " + shown(query));
          if (path.equals(api)) {
            ObjectNode group = Json.object();
            group.putArray("versions").addObject().put("version", version);
            group.putObject("preferredVersion").put("version", version);
            return group;
          }
          String root = api + "/" + version;
          if (!path.startsWith(root)) {
            throw new ApiException(StatusReason.NOT_FOUND, "not here");
          }
          ObjectNode list = Json.object();
          values.apply(path.substring(root.length())).forEach(list.withArray("items")::add);
          return list;
        });
  }

  private static String shown(Map<String, String> query) {
    return new TreeMap<>(query).toString();
  }

  /** What each pod has of a load, in thousandths, that all pods share. */
  private String shared(long load) {
    return new Quantity(load / story.pods().size() + "m").getNumericalAmount().toPlainString();
  }

  private static ObjectNode value(String described, String amount) {
    ObjectNode value = Json.object();
    value.putObject("describedObject").put("name", described);
    value.put("timestamp", "2026-01-01T00:00:00Z").put("value", amount);
    return value;
  }

  private void autoscaler(MetricSpec metric) {
    story.create(
        new HorizontalPodAutoscalerBuilder()
            .withNewMetadata()
            .withName("web")
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .withNewScaleTargetRef("apps/v1", "ReplicaSet", "web")
            .withMaxReplicas(6)
            .withMetrics(metric)
            .endSpec()
            .build());
    simulation.pass(Duration.ofSeconds(1));
  }

  private int scaledTo() {
    return simulation.stored(ReplicaSet.class).getFirst().getSpec().getReplicas();
  }

  private HorizontalPodAutoscalerCondition active() {
    return story.stored().getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals("ScalingActive"))
        .findFirst()
        .orElseThrow();
  }

  private MetricStatus measured() {
    return story.stored().getStatus().getCurrentMetrics().getFirst();
  }
}
