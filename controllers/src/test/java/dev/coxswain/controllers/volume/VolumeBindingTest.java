package dev.coxswain.controllers.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClassBuilder;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class VolumeBindingTest {
  private Simulation simulation = simulation(7);
  private Story<PersistentVolumeClaim> story = new Story<>(simulation, PersistentVolumeClaim.class);

  @Test
  void theSmallestThatSuitsIsBoundBothWays() {
    volume("big", "10Gi", "");
    volume("small", "2Gi", "");
    volume("other", "2Gi", "gold");
    simulation.settle();
    assertThat(phase("small")).isEqualTo("Available");
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    PersistentVolumeClaim bound = story.stored();
    assertThat(bound.getSpec().getVolumeName()).isEqualTo("small");
    assertThat(bound.getStatus().getPhase()).isEqualTo("Bound");
    assertThat(bound.getStatus().getCapacity().get("storage")).hasToString("2Gi");
    assertThat(Meta.finalizers(bound)).containsExactly("kubernetes.io/pvc-protection");
    assertThat(phase("small")).isEqualTo("Bound");
    assertThat(stored("small").getSpec().getClaimRef().getUid()).isEqualTo(Meta.uid(bound));
    assertThat(phase("big")).isEqualTo("Available");
  }

  @Test
  void aClaimWaitsForAVolumeAndLeavesItReleased() {
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Pending");
    assertThat(story.reasons()).contains("FailedBinding");
    volume("late", "1Gi", "");
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Bound");
    story.delete();
    simulation.settle();
    assertThat(story.find()).isEmpty();
    assertThat(phase("late")).isEqualTo("Released");
  }

  @Test
  void nothingInUseGoes() {
    volume("one", "1Gi", "");
    story.create(claim("data", "1Gi", ""));
    pod("user", "node-1");
    simulation.settle();
    story.delete();
    story.delete(stored("one"));
    simulation.settle();
    assertThat(Meta.deleting(story.stored())).isTrue();
    assertThat(Meta.deleting(stored("one"))).isTrue();
    end(simulation.stored(Pod.class).getFirst());
    simulation.settle();
    assertThat(story.find()).isEmpty();
    assertThat(simulation.stored(PersistentVolume.class)).isEmpty();
  }

  @Test
  void aPodThatHasEndedKeepsItsClaimsAsLongAsItIsThere() {
    volume("one", "1Gi", "");
    story.create(claim("data", "1Gi", ""));
    Pod pod = pod("user", "node-1");
    simulation.settle();
    story.changePod(
        pod,
        ended ->
            new PodBuilder(ended).editOrNewStatus().withPhase("Succeeded").endStatus().build());
    simulation.settle();
    story.delete();
    simulation.settle();
    assertThat(Meta.deleting(story.stored())).isTrue();
    end(pod);
    simulation.settle();
    assertThat(story.find()).isEmpty();
  }

  @Test
  void aClaimThatWasMadeForAPodDoesNotWaitForOneThatItsKubeletIsDoneWith() {
    Pod pod = pod("user", "node-1");
    pod.getSpec().setVolumes(List.of());
    Pod maker =
        simulation
            .api()
            .resource(Pod.class)
            .update(
                new PodBuilder(pod)
                    .editMetadata()
                    .withFinalizers("example.com/hold")
                    .endMetadata()
                    .editSpec()
                    .addNewVolume()
                    .withName("scratch")
                    .withNewEphemeral()
                    .endEphemeral()
                    .endVolume()
                    .endSpec()
                    .build());
    story.create(
        new PersistentVolumeClaimBuilder(claim("user-scratch", "1Gi", ""))
            .editMetadata()
            .withOwnerReferences(Owners.controllerReference(maker))
            .endMetadata()
            .build());
    simulation.settle();
    story.delete();
    simulation.settle();
    assertThat(Meta.deleting(story.stored())).isTrue();
    end(maker);
    simulation.settle();
    assertThat(simulation.stored(Pod.class)).hasSize(1);
    assertThat(story.find()).isEmpty();
  }

  @Test
  void whatCanDoMoreThanIsAskedForIsLeftToThoseWhoNeedIt() {
    volume("shared", "1Gi", "");
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored("shared"))
                .editSpec()
                .addToAccessModes("ReadWriteMany")
                .endSpec()
                .build());
    volume("single", "5Gi", "");
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    assertThat(story.stored().getSpec().getVolumeName()).isEqualTo("single");
  }

  @Test
  void theAnnotationOfOldNamesAClass() {
    volume("plain", "1Gi", "");
    volume("golden", "2Gi", "gold");
    story.create(
        new PersistentVolumeClaimBuilder(claim("data", "1Gi", null))
            .editMetadata()
            .addToAnnotations(Volumes.OLD_CLASS, "gold")
            .endMetadata()
            .build());
    simulation.settle();
    assertThat(story.stored().getSpec().getVolumeName()).isEqualTo("golden");
  }

  @Test
  void aVolumeOfOtherAttributesDoesNotDo() {
    volume("plain", "1Gi", "");
    story.create(
        new PersistentVolumeClaimBuilder(claim("data", "1Gi", ""))
            .editSpec()
            .withVolumeAttributesClassName("fast")
            .endSpec()
            .build());
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Pending");
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored("plain"))
                .editSpec()
                .withVolumeAttributesClassName("fast")
                .endSpec()
                .build());
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Bound");
  }

  @Test
  void saysForWhatAClaimWaits() {
    storageClass("manual", "kubernetes.io/no-provisioner");
    story.create(claim("data", "1Gi", "manual"));
    simulation.settle();
    assertThat(story.reasons()).contains("WaitForFirstConsumer");
    Pod pod = pod("user", "");
    simulation.settle();
    assertThat(simulation.events().getLast().reason()).isEqualTo("WaitForPodScheduled");
    assertThat(simulation.events().getLast().message())
        .isEqualTo("waiting for pod user to be scheduled");
    simulation
        .api()
        .resource(Pod.class)
        .update(new PodBuilder(pod).editSpec().withNodeName("node-1").endSpec().build());
    simulation.settle();
    assertThat(simulation.events().getLast().reason()).isEqualTo("ProvisioningFailed");
    assertThat(simulation.events().getLast().message())
        .isEqualTo("no volume plugin matched name: kubernetes.io/no-provisioner");
  }

  @Test
  void whatIsKeptForAClaimThatHasAnotherVolumeIsFreeAgain() {
    volume("one", "1Gi", "");
    PersistentVolumeClaim claim = story.create(claim("data", "1Gi", ""));
    simulation.settle();
    keptFor(claim, "tried", Volumes.BOUND_BY_CONTROLLER, "Retain");
    keptFor(claim, "named", "example.com/by", "Delete");
    keptFor(claim, "made", Volumes.PROVISIONED_BY, "Delete");
    simulation.settle();
    assertThat(phase("tried")).isEqualTo("Available");
    assertThat(stored("tried").getSpec().getClaimRef()).isNull();
    assertThat(Meta.annotations(stored("tried"))).isEmpty();
    assertThat(phase("named")).isEqualTo("Available");
    assertThat(stored("named").getSpec().getClaimRef().getName()).isEqualTo("data");
    assertThat(stored("named").getSpec().getClaimRef().getUid()).isNull();
    assertThat(phase("made")).isEqualTo("Released");
    assertThat(phase("one")).isEqualTo("Bound");
  }

  @Test
  void whatNobodyReclaimsHasFailedUntilItIsFreedByHand() {
    volume("one", "1Gi", "");
    reclaimPolicy("one", "Delete");
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    story.delete();
    simulation.settle();
    String why =
        "error getting deleter volume plugin for volume \"one\": no deletable volume plugin"
            + " matched";
    assertThat(phase("one")).isEqualTo("Failed");
    assertThat(stored("one").getStatus().getMessage()).isEqualTo(why);
    assertThat(simulation.events())
        .contains(new Simulation.Event("PersistentVolume one", true, "VolumeFailedDelete", why));
    reclaimPolicy("one", "Retain");
    simulation.settle();
    assertThat(phase("one")).isEqualTo("Failed");
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored("one"))
                .editSpec()
                .withClaimRef(null)
                .endSpec()
                .build());
    simulation.settle();
    assertThat(phase("one")).isEqualTo("Available");
    assertThat(stored("one").getStatus().getMessage()).isNull();
  }

  @Test
  void whatNobodyRecyclesHasFailed() {
    volume("one", "1Gi", "");
    reclaimPolicy("one", "Recycle");
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    story.delete();
    simulation.settle();
    assertThat(phase("one")).isEqualTo("Failed");
    assertThat(story.reasons()).contains("VolumeFailedRecycle");
  }

  private void reclaimPolicy(String name, String policy) {
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored(name))
                .editSpec()
                .withPersistentVolumeReclaimPolicy(policy)
                .endSpec()
                .build());
  }

  private void keptFor(
      PersistentVolumeClaim claim, String name, String annotation, String reclaimPolicy) {
    volume(name, "1Gi", "");
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored(name))
                .editMetadata()
                .addToAnnotations(annotation, "yes")
                .endMetadata()
                .editSpec()
                .withPersistentVolumeReclaimPolicy(reclaimPolicy)
                .withNewClaimRef()
                .withNamespace(Meta.namespace(claim))
                .withName(Meta.name(claim))
                .withUid(Meta.uid(claim))
                .endClaimRef()
                .endSpec()
                .build());
  }

  @Test
  void aDirectoryIsMadeWhereTheFirstPodRunsAndGoesWithItsClaim() {
    nodeLocalClass();
    story.create(claim("data", "1Gi", "local"));
    simulation.settle();
    assertThat(simulation.stored(PersistentVolume.class)).isEmpty();
    assertThat(story.reasons()).contains("WaitForFirstConsumer");
    Pod pod = pod("user", "node-1");
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Bound");
    PersistentVolume volume = simulation.stored(PersistentVolume.class).getFirst();
    assertThat(volume.getSpec().getHostPath().getPath())
        .isEqualTo("/var/lib/coxswain/volumes/" + Meta.name(volume));
    assertThat(
            volume
                .getSpec()
                .getNodeAffinity()
                .getRequired()
                .getNodeSelectorTerms()
                .getFirst()
                .getMatchFields()
                .getFirst()
                .getValues())
        .containsExactly("node-1");
    end(pod);
    story.delete();
    simulation.settle();
    assertThat(simulation.stored(PersistentVolume.class)).isEmpty();
  }

  @Test
  void aLostVolumeIsToldOf() {
    volume("one", "1Gi", "");
    story.create(claim("data", "1Gi", ""));
    simulation.settle();
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored("one"))
                .editMetadata()
                .withFinalizers()
                .endMetadata()
                .build());
    story.delete(stored("one"));
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Lost");
    assertThat(story.reasons()).contains("ClaimLost");
  }

  @Test
  void aVolumeThatWouldNotDoIsNotBoundThoughItIsNamed() {
    volume("small", "1Gi", "");
    PersistentVolumeClaim claim = claim("data", "5Gi", "");
    claim.getSpec().setVolumeName("small");
    story.create(claim);
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Pending");
    assertThat(phase("small")).isEqualTo("Available");
    assertThat(simulation.events())
        .anyMatch(event ->
            event.warning()
                && event.reason().equals("VolumeMismatch")
                && event
                    .message()
                    .equals(
                        "Cannot bind to requested volume \"small\": requested PV is too small"));
  }

  @Test
  void aVolumeThatIsKeptByNameIsNotGivenToWhoAsksForMore() {
    volume("small", "1Gi", "");
    simulation
        .api()
        .resource(PersistentVolume.class)
        .update(
            new PersistentVolumeBuilder(stored("small"))
                .editSpec()
                .withNewClaimRef()
                .withNamespace("default")
                .withName("data")
                .endClaimRef()
                .endSpec()
                .build());
    story.create(claim("data", "5Gi", ""));
    simulation.settle();
    assertThat(story.stored().getStatus().getPhase()).isEqualTo("Pending");
    volume("big", "5Gi", "");
    simulation.settle();
    assertThat(story.stored().getSpec().getVolumeName()).isEqualTo("big");
  }

  @Test
  void aClaimWithoutAClassGetsTheDefaultOneOnceThereIsOne() {
    PersistentVolumeClaim undecided = claim("data", "1Gi", "");
    undecided.getSpec().setStorageClassName(null);
    story.create(undecided);
    simulation.api().resource(PersistentVolumeClaim.class).create(claim("plain", "1Gi", ""));
    simulation.settle();
    assertThat(story.stored().getSpec().getStorageClassName()).isNull();
    simulation
        .api()
        .resource(StorageClass.class)
        .create(
            new StorageClassBuilder()
                .withNewMetadata()
                .withName("usual")
                .addToAnnotations("storageclass.kubernetes.io/is-default-class", "true")
                .endMetadata()
                .withProvisioner("example.com/disks")
                .build());
    simulation.settle();
    assertThat(story.stored().getSpec().getStorageClassName()).isEqualTo("usual");
    assertThat(story.reasons()).contains("ExternalProvisioning");
    assertThat(
            simulation
                .stored(PersistentVolumeClaim.class, "default", "plain")
                .orElseThrow()
                .getSpec()
                .getStorageClassName())
        .isEmpty();
  }

  @Test
  void aClassThatIsNotThereIsToldOf() {
    story.create(claim("data", "1Gi", "gold"));
    simulation.settle();
    assertThat(simulation.events())
        .anyMatch(event ->
            event.warning()
                && event.reason().equals("ProvisioningFailed")
                && event.message().equals("storageclass.storage.k8s.io \"gold\" not found"));
    assertThat(story.reasons()).doesNotContain("FailedBinding");
  }

  @Test
  void aPodWithoutANodeDoesNotHoldItsClaim() {
    story.create(claim("data", "1Gi", ""));
    pod("waiting", "");
    simulation.settle();
    story.delete();
    simulation.settle();
    assertThat(story.find()).isEmpty();
  }

  @Test
  void neverTwoClaimsForOneVolumeWhateverFails() {
    for (long seed = 0; seed < 30; seed++) {
      simulation = simulation(seed);
      simulation.calmly(() -> {
        for (int i = 0; i < 3; i++) {
          volume("pv-" + i, "1Gi", "");
        }
        for (int i = 0; i < 3; i++) {
          simulation.api().resource(PersistentVolumeClaim.class).create(claim("c" + i, "1Gi", ""));
        }
        return true;
      });
      Runnable apart =
          () -> {
            List<String> names =
                simulation.stored(PersistentVolumeClaim.class).stream()
                    .map(claim -> Meta.text(claim.getSpec().getVolumeName()))
                    .filter(name -> !name.isEmpty())
                    .toList();
            assertThat(new HashSet<>(names)).hasSameSizeAs(names);
          };
      simulation.storm(150, FakeFaults.SOME, apart);
      simulation.restart();
      simulation.storm(100, FakeFaults.SOME, apart);
      simulation.settle(apart);
      assertThat(simulation.stored(PersistentVolumeClaim.class))
          .as(simulation.recent())
          .allMatch(claim -> Volumes.phase(claim).equals("Bound"));
    }
  }

  @Test
  void aClassOfAttributesOutlivesItsUsers() {
    var classes = simulation.api().resource(VolumeAttributesClass.class);
    classes.create(
        new VolumeAttributesClassBuilder()
            .withNewMetadata()
            .withName("fast")
            .endMetadata()
            .withDriverName("example.com")
            .build());
    PersistentVolumeClaim wanting = claim("data", "1Gi", "slow");
    wanting.getSpec().setVolumeAttributesClassName("fast");
    simulation.api().resource(PersistentVolumeClaim.class).create(wanting);
    simulation.settle();
    classes.delete(ObjectKey.cluster("fast"), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(simulation.stored(VolumeAttributesClass.class))
        .singleElement()
        .satisfies(kept ->
            assertThat(Meta.finalizers(kept)).containsExactly("kubernetes.io/vac-protection"));
    simulation
        .api()
        .resource(PersistentVolumeClaim.class)
        .delete(Meta.key(wanting), DeleteOptions.DEFAULT);
    simulation.settle();
    assertThat(simulation.stored(VolumeAttributesClass.class)).isEmpty();
  }

  /** Whoever wants it was there first, though the controllers may hear of him last. */
  @Test
  void whatIsDeletedAtOnceIsKeptForWhoCameBefore() {
    for (int seed = 1; seed <= 100; seed++) {
      simulation = simulation(seed);
      story = new Story<>(simulation, PersistentVolumeClaim.class);
      var classes = simulation.api().resource(VolumeAttributesClass.class);
      classes.create(
          new VolumeAttributesClassBuilder()
              .withNewMetadata()
              .withName("fast")
              .endMetadata()
              .withDriverName("example.com")
              .build());
      story.create(claim("data", "1Gi", "slow"));
      simulation.settle();
      PersistentVolumeClaim wanting = claim("wanting", "1Gi", "slow");
      wanting.getSpec().setVolumeAttributesClassName("fast");
      simulation.api().resource(PersistentVolumeClaim.class).create(wanting);
      classes.delete(ObjectKey.cluster("fast"), DeleteOptions.DEFAULT);
      pod("user", "node-1");
      story.delete();
      simulation.settle();
      assertThat(simulation.stored(VolumeAttributesClass.class)).as("seed " + seed).hasSize(1);
      assertThat(story.find()).as("seed " + seed).isPresent();
    }
  }

  /** As its kubelet does once nothing runs any more. */
  private void end(Pod pod) {
    simulation
        .api()
        .resource(Pod.class)
        .delete(Meta.key(pod), new DeleteOptions(0L, null, null, null));
  }

  private static Simulation simulation(long seed) {
    return new Simulation(
            seed,
            new ClaimBinder(),
            new VolumeKeeper(),
            new ClaimProtection(),
            new VolumeProtection(),
            new AttributesClassProtection())
        .restart();
  }

  private PersistentVolume stored(String name) {
    return simulation.stored(PersistentVolume.class, "", name).orElseThrow();
  }

  private String phase(String name) {
    return stored(name).getStatus().getPhase();
  }

  private void volume(String name, String size, String storageClass) {
    simulation
        .api()
        .resource(PersistentVolume.class)
        .create(
            new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .addToCapacity("storage", new Quantity(size))
                .withStorageClassName(storageClass)
                .withPersistentVolumeReclaimPolicy("Retain")
                .withNewHostPath()
                .withPath("/data")
                .endHostPath()
                .endSpec()
                .build());
  }

  private void nodeLocalClass() {
    simulation
        .api()
        .resource(Node.class)
        .create(new NodeBuilder().withNewMetadata().withName("node-1").endMetadata().build());
    storageClass("local", "coxswain.dev/node-local");
  }

  private void storageClass(String name, String provisioner) {
    simulation
        .api()
        .resource(StorageClass.class)
        .create(
            new StorageClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withProvisioner(provisioner)
                .withVolumeBindingMode("WaitForFirstConsumer")
                .withReclaimPolicy("Delete")
                .build());
  }

  private Pod pod(String name, String node) {
    return simulation.api().resource(Pod.class).create(Workloads.usingData(name, node));
  }

  private static PersistentVolumeClaim claim(
      String name, String size, @Nullable String storageClass) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withStorageClassName(storageClass)
        .withNewResources()
        .addToRequests("storage", new Quantity(size))
        .endResources()
        .endSpec()
        .build();
  }
}
