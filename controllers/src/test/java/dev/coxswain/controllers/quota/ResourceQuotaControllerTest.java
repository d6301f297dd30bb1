package dev.coxswain.controllers.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.census.Census;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import dev.coxswain.runtime.client.FakeInformer;
import dev.coxswain.runtime.client.ServedResource;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PartialObjectMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResourceQuotaControllerTest {
  private final Census census = new Census();
  private Simulation simulation = new Simulation(5, new ResourceQuotaController(census));
  private Story<ResourceQuota> story = new Story<>(simulation, ResourceQuota.class);

  @Test
  void whatIsThereIsCountedAndWhatGoesIsNotAnyMore() {
    simulation.restart();
    story.create(
        quota(Map.of("pods", "5", "requests.cpu", "2", "count/configmaps", "9", "secrets", "1")));
    simulation.settle();
    assertThat(used())
        .isEqualTo(
            Map.of("pods", "0", "requests.cpu", "0", "count/configmaps", "0", "secrets", "0"));
    pod("a", "300m");
    Pod second = pod("b", "500m");
    map("one");
    simulation.settle();
    assertThat(used())
        .isEqualTo(
            Map.of("pods", "2", "requests.cpu", "800m", "count/configmaps", "1", "secrets", "0"));
    story.changePod(
        second,
        pod -> new PodBuilder(pod).editOrNewStatus().withPhase("Succeeded").endStatus().build());
    simulation.settle();
    assertThat(used()).containsEntry("pods", "1").containsEntry("requests.cpu", "300m");
    assertThat(story.stored().getStatus().getHard().get("requests.cpu")).hasToString("2");
  }

  @Test
  void aScopedOneCountsOnlyItsPods() {
    simulation.restart();
    story.create(
        new ResourceQuotaBuilder(quota(Map.of("pods", "5")))
            .editSpec()
            .withScopes("BestEffort")
            .endSpec()
            .build());
    pod("a", "300m");
    pod("b", "0");
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("pods", "1"));
  }

  @Test
  void aPodThatIsGivenADeadlineIsOneOfThoseThatEnd() {
    simulation.restart();
    story.create(
        new ResourceQuotaBuilder(quota(Map.of("pods", "5")))
            .editSpec()
            .withScopes("Terminating")
            .endSpec()
            .build());
    Pod pod = pod("a", "300m");
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("pods", "0"));
    simulation
        .api()
        .resource(Pod.class)
        .update(new PodBuilder(pod).editSpec().withActiveDeadlineSeconds(60L).endSpec().build());
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("pods", "1"));
  }

  @Test
  void aPodThatShouldHaveGoneFromANodeThatIsLostIsNotCounted() {
    simulation.restart();
    story.create(quota(Map.of("pods", "5")));
    Pod pod = pod("a", "300m");
    simulation
        .api()
        .resource(Pod.class)
        .update(new PodBuilder(pod).editSpec().withNodeName("lost").endSpec().build());
    simulation.settle();
    story.delete(pod);
    simulation.rest();
    assertThat(used()).isEqualTo(Map.of("pods", "1"));
    simulation.pass(Duration.ofMinutes(2));
    assertThat(story.pods()).hasSize(1);
    assertThat(used()).isEqualTo(Map.of("pods", "0"));
  }

  @Test
  void kindsThatAreOnlyCountedAreKnownOnceSomebodyFollowsThem() {
    ServedResource widgets = simulation.api().serve(ServiceAccount.class);
    simulation.restart();
    account("early");
    story.create(quota(Map.of("count/serviceaccounts", "9", "count/nothings.example.com", "1")));
    simulation.settle();
    assertThat(story.stored().getStatus().getHard()).hasSize(2);
    assertThat(used()).isEmpty();
    FakeInformer<PartialObjectMetadata> followed = simulation.api().metadataInformer(widgets);
    followed.handle(census.counter(widgets.resource()));
    followed.start();
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("count/serviceaccounts", "1"));
    ServiceAccount late = account("late");
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("count/serviceaccounts", "2"));
    simulation.api().resource(ServiceAccount.class).delete(Meta.key(late), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("count/serviceaccounts", "1"));
    census.forget(widgets.resource());
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("count/serviceaccounts", "1"));
  }

  @Test
  void aScopedOneHasNothingOfThatKind() {
    ServedResource widgets = simulation.api().serve(ServiceAccount.class);
    simulation.restart();
    FakeInformer<PartialObjectMetadata> followed = simulation.api().metadataInformer(widgets);
    followed.handle(census.counter(widgets.resource()));
    followed.start();
    account("one");
    story.create(
        new ResourceQuotaBuilder(quota(Map.of("count/serviceaccounts", "5")))
            .editSpec()
            .withScopes("BestEffort")
            .endSpec()
            .build());
    simulation.settle();
    assertThat(used()).isEqualTo(Map.of("count/serviceaccounts", "0"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void isRightInTheEndWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new ResourceQuotaController(new Census()));
      story = new Story<>(simulation, ResourceQuota.class);
      simulation.restart();
      story.create(quota(Map.of("pods", "50", "requests.cpu", "20")));
      for (int i = 0; i < 8; i++) {
        Pod pod = pod("p" + i, "100m");
        simulation.storm(20, FakeFaults.SOME, () -> {});
        if (i % 2 == 0) {
          story.delete(pod);
        }
      }
      simulation.restart();
      simulation.settle();
      assertThat(used())
          .as(simulation.recent())
          .isEqualTo(Map.of("pods", "4", "requests.cpu", "400m"));
    }
  }

  private Map<String, String> used() {
    return story.stored().getStatus().getUsed().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
  }

  private Pod pod(String name, String cpu) {
    return simulation.calmly(() ->
        simulation
            .api()
            .resource(Pod.class)
            .create(
                new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace("default")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("main")
                    .withNewResources()
                    .addToRequests("cpu", new Quantity(cpu))
                    .endResources()
                    .endContainer()
                    .endSpec()
                    .build()));
  }

  private ServiceAccount account(String name) {
    return simulation
        .api()
        .resource(ServiceAccount.class)
        .create(
            new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build());
  }

  private void map(String name) {
    simulation
        .api()
        .resource(ConfigMap.class)
        .create(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build());
  }

  private static ResourceQuota quota(Map<String, String> hard) {
    return new ResourceQuotaBuilder()
        .withNewMetadata()
        .withName("team")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withHard(
            hard.entrySet().stream()
                .collect(
                    Collectors.toMap(Map.Entry::getKey, entry -> Quantity.parse(entry.getValue()))))
        .endSpec()
        .build();
  }
}
