package dev.coxswain.controllers.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.rootca.RootCaPublisher;
import dev.coxswain.controllers.serviceaccount.ServiceAccountController;
import dev.coxswain.runtime.client.DeleteOptions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class NamespaceLifeTest {
  private final Simulation simulation =
      Simulation.of(
          2,
          List.of(
              NamespaceController::new,
              api -> new ServiceAccountController(),
              api -> new RootCaPublisher("PEM")));

  @BeforeEach
  void start() {
    simulation.api().serve(ConfigMap.class);
    simulation.api().serve(Secret.class);
    simulation.api().serve(ServiceAccount.class);
    simulation.api().serve(Namespace.class);
    simulation.restart();
    simulation
        .api()
        .resource(Namespace.class)
        .create(new NamespaceBuilder().withNewMetadata().withName("team").endMetadata().build());
    simulation.settle();
  }

  @Test
  void aNewNamespaceHasItsServiceAccountAndTheRootCa() {
    assertThat(simulation.stored(ServiceAccount.class, "team", "default")).isPresent();
    assertThat(rootCa().getData()).containsEntry("ca.crt", "PEM");
  }

  @Test
  void whatWasDeletedOrTamperedWithComesBack() {
    simulation
        .api()
        .resource(ServiceAccount.class)
        .delete(new ObjectKey("team", "default"), DeleteOptions.DEFAULT);
    simulation
        .api()
        .resource(ConfigMap.class)
        .update(new ConfigMapBuilder(rootCa()).addToData("ca.crt", "forged").build());
    simulation.settle();
    assertThat(simulation.stored(ServiceAccount.class, "team", "default")).isPresent();
    assertThat(rootCa().getData()).containsEntry("ca.crt", "PEM");
    simulation
        .api()
        .resource(ConfigMap.class)
        .delete(new ObjectKey("team", "kube-root-ca.crt"), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(rootCa().getData()).containsEntry("ca.crt", "PEM");
  }

  @Test
  void aDeletedNamespaceGoesWithEverythingInIt() {
    secret("token");
    deleteNamespace();
    simulation.settle();
    assertThat(simulation.stored(Namespace.class)).isEmpty();
    assertThat(simulation.stored(Secret.class)).isEmpty();
    assertThat(simulation.stored(ConfigMap.class)).isEmpty();
    assertThat(simulation.stored(ServiceAccount.class)).isEmpty();
  }

  @Test
  void aNamespaceSaysWhatHoldsItUp() {
    secret("held", "example.com/hold");
    deleteNamespace();
    simulation.settle();
    assertThat(condition("NamespaceContentRemaining").getMessage())
        .isEqualTo("Some resources are remaining: secrets. has 1 resource instances");
    assertThat(condition("NamespaceFinalizersRemaining").getMessage())
        .isEqualTo(
            "Some content in the namespace has finalizers remaining: example.com/hold in 1"
                + " resource instances");
    assertThat(condition("NamespaceDeletionContentFailure").getStatus()).isEqualTo("False");
    Secret held = simulation.stored(Secret.class, "team", "held").orElseThrow();
    simulation
        .api()
        .resource(Secret.class)
        .update(new SecretBuilder(held).editMetadata().withFinalizers().endMetadata().build());
    simulation.pass(Duration.ofSeconds(30));
    assertThat(simulation.stored(Namespace.class)).isEmpty();
  }

  @Test
  void whatAServerThatIsAwayDoesNotTellHoldsItUpButNothingElse() {
    secret("token");
    simulation.api().hide("metrics.example.com/v1", "it is away");
    deleteNamespace();
    simulation.pass(Duration.ofSeconds(30));
    assertThat(simulation.stored(Secret.class)).isEmpty();
    assertThat(condition("NamespaceDeletionDiscoveryFailure").getMessage())
        .isEqualTo(
            "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of"
                + " server APIs: metrics.example.com/v1: it is away");
    simulation.api().hide("metrics.example.com/v1", "");
    simulation.pass(Duration.ofMinutes(2));
    assertThat(simulation.stored(Namespace.class)).isEmpty();
  }

  @Test
  void podsGoBeforeWhatTheyNeed() {
    simulation.api().serve(Pod.class);
    simulation
        .api()
        .resource(Pod.class)
        .create(
            new PodBuilder()
                .withNewMetadata()
                .withName("busy")
                .withNamespace("team")
                .withFinalizers("example.com/hold")
                .endMetadata()
                .build());
    secret("token");
    deleteNamespace();
    simulation.pass(Duration.ofSeconds(30));
    Pod busy = simulation.stored(Pod.class, "team", "busy").orElseThrow();
    assertThat(busy.getMetadata().getDeletionTimestamp()).isNotNull();
    assertThat(simulation.stored(Secret.class, "team", "token")).isPresent();
    assertThat(rootCa().getMetadata().getDeletionTimestamp()).isNull();
    assertThat(condition("NamespaceContentRemaining").getMessage())
        .isEqualTo("Some resources are remaining: pods. has 1 resource instances");
    simulation
        .api()
        .resource(Pod.class)
        .update(new PodBuilder(busy).editMetadata().withFinalizers().endMetadata().build());
    simulation.pass(Duration.ofSeconds(30));
    assertThat(simulation.stored(Namespace.class)).isEmpty();
    assertThat(simulation.stored(Secret.class)).isEmpty();
  }

  private NamespaceCondition condition(String type) {
    return simulation
        .stored(Namespace.class, "", "team")
        .orElseThrow()
        .getStatus()
        .getConditions()
        .stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private void secret(String name, String... finalizers) {
    simulation
        .api()
        .resource(Secret.class)
        .create(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("team")
                .withFinalizers(finalizers)
                .endMetadata()
                .build());
  }

  private void deleteNamespace() {
    simulation
        .api()
        .resource(Namespace.class)
        .delete(ObjectKey.cluster("team"), DeleteOptions.DEFAULT);
  }

  private ConfigMap rootCa() {
    return simulation.stored(ConfigMap.class, "team", "kube-root-ca.crt").orElseThrow();
  }
}
