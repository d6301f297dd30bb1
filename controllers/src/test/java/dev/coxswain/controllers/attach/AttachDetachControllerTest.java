package dev.coxswain.controllers.attach;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIDriverBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AttachDetachControllerTest {
  private static final String IN_USE = "kubernetes.io/csi/driver.example^handle";
  private Simulation simulation = new Simulation(7, new AttachDetachController()).restart();
  private final Story<Pod> story = new Story<>(simulation, Pod.class);

  @Test
  void whatAPodNeedsIsAttachedAndTheNodeIsToldOnceItIs() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    VolumeAttachment asked = attachments().getFirst();
    assertThat(asked.getSpec().getAttacher()).isEqualTo("driver.example");
    assertThat(asked.getSpec().getNodeName()).isEqualTo("n1");
    assertThat(asked.getSpec().getSource().getPersistentVolumeName()).isEqualTo("pv");
    assertThat(stored("n1").getStatus().getVolumesAttached()).isEmpty();
    attached(asked);
    simulation.settle();
    assertThat(stored("n1").getStatus().getVolumesAttached())
        .extracting(AttachedVolume::getName)
        .containsExactly(IN_USE);
    assertThat(story.reasons()).contains("SuccessfulAttachVolume");
  }

  @Test
  void aDriverThatNeedsNoAttachingGetsNone() {
    simulation
        .api()
        .resource(CSIDriver.class)
        .create(
            new CSIDriverBuilder()
                .withNewMetadata()
                .withName("driver.example")
                .endMetadata()
                .withNewSpec()
                .withAttachRequired(false)
                .endSpec()
                .build());
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    assertThat(attachments()).isEmpty();
  }

  @Test
  void whatANodeStillHasMountedStaysAttached() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    inUse("n1", "True", IN_USE);
    end("web");
    simulation.settle();
    assertThat(attachments()).hasSize(1);
    inUse("n1", "True");
    simulation.settle();
    assertThat(attachments()).isEmpty();
  }

  @Test
  void whatSomebodyElseAttachesIsTheirs() {
    node("n1");
    for (String node : List.of("n1", "nowhere")) {
      simulation
          .api()
          .resource(VolumeAttachment.class)
          .create(
              new VolumeAttachmentBuilder()
                  .withNewMetadata()
                  .withName("by-hand-" + node)
                  .endMetadata()
                  .withNewSpec()
                  .withAttacher("driver.example")
                  .withNodeName(node)
                  .withNewSource()
                  .withPersistentVolumeName("pv")
                  .endSource()
                  .endSpec()
                  .build());
    }
    simulation.settle();
    assertThat(attachments()).hasSize(2);
  }

  @Test
  void aSilentNodeLosesItAfterSixMinutes() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    inUse("n1", "Unknown", IN_USE);
    end("web");
    simulation.rest();
    simulation.time().advance(Duration.ofMinutes(5));
    simulation.rest();
    assertThat(attachments()).hasSize(1);
    simulation.time().advance(Duration.ofMinutes(2));
    simulation.rest();
    assertThat(attachments()).isEmpty();
  }

  @Test
  void aNodeThatIsGoneKeepsForSixMinutesWhatItHadMounted() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    inUse("n1", "True", IN_USE);
    simulation.settle();
    simulation.api().resource(Node.class).delete(ObjectKey.cluster("n1"), now());
    simulation.rest();
    end("web");
    simulation.rest();
    simulation.time().advance(Duration.ofMinutes(5));
    simulation.rest();
    assertThat(attachments()).hasSize(1);
    simulation.time().advance(Duration.ofMinutes(2));
    simulation.rest();
    assertThat(attachments()).isEmpty();
  }

  @Test
  void aNodeDoesNotCountOnWhatIsAboutToBeDetached() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    VolumeAttachment asked = attachments().getFirst();
    simulation
        .api()
        .resource(VolumeAttachment.class)
        .update(
            new VolumeAttachmentBuilder(asked)
                .editMetadata()
                .withFinalizers("external-attacher/driver-example")
                .endMetadata()
                .build());
    attached(attachments().getFirst());
    simulation.settle();
    assertThat(stored("n1").getStatus().getVolumesAttached()).hasSize(1);
    end("web");
    simulation.settle();
    assertThat(attachments().getFirst().getMetadata().getDeletionTimestamp()).isNotNull();
    assertThat(stored("n1").getStatus().getVolumesAttached()).isEmpty();
    story.create(Workloads.usingData("again", "n1"));
    simulation.settle();
    assertThat(stored("n1").getStatus().getVolumesAttached()).isEmpty();
    long told =
        story.reasons().stream().filter(reason -> reason.equals("SuccessfulAttachVolume")).count();
    assertThat(told).isEqualTo(1);
  }

  @Test
  void aNodeThatIsOutOfServiceLosesItAtOnce() {
    volume("ReadWriteOnce");
    node("n1");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    inUse("n1", "Unknown", IN_USE);
    simulation
        .api()
        .resource(Node.class)
        .update(
            new NodeBuilder(stored("n1"))
                .withNewSpec()
                .addNewTaint("NoExecute", "node.kubernetes.io/out-of-service", null, "shutdown")
                .endSpec()
                .build());
    end("web");
    simulation.rest();
    assertThat(attachments()).isEmpty();
  }

  @Test
  void aVolumeForOneNodeWaitsForTheOther() {
    volume("ReadWriteOnce");
    node("n1");
    node("n2");
    story.create(Workloads.usingData("web", "n1"));
    simulation.settle();
    story.create(Workloads.usingData("late", "n2"));
    simulation.settle();
    assertThat(attachments()).hasSize(1);
    assertThat(story.reasons()).contains("FailedAttachVolume");
    end("web");
    simulation.settle();
    assertThat(attachments()).extracting(one -> one.getSpec().getNodeName()).containsExactly("n2");
  }

  @Test
  void aVolumeForManyIsAttachedToAllAndGoesWithItsNode() {
    volume("ReadWriteMany");
    node("n1");
    node("n2");
    story.create(Workloads.usingData("web", "n1"));
    story.create(Workloads.usingData("late", "n2"));
    simulation.settle();
    assertThat(attachments()).hasSize(2);
    end("late");
    simulation.api().resource(Node.class).delete(ObjectKey.cluster("n2"), now());
    simulation.settle();
    assertThat(attachments()).extracting(one -> one.getSpec().getNodeName()).containsExactly("n1");
  }

  @Test
  void neverOnTwoNodesAtOnceWhateverFails() {
    for (long seed = 0; seed < 30; seed++) {
      simulation = new Simulation(seed, new AttachDetachController()).restart();
      simulation.calmly(() -> {
        volume("ReadWriteOnce");
        for (String node : List.of("n1", "n2", "n3")) {
          node(node);
          simulation.api().resource(Pod.class).create(Workloads.usingData("on-" + node, node));
        }
        return true;
      });
      Runnable one = () -> assertThat(attachments()).hasSizeLessThanOrEqualTo(1);
      simulation.storm(150, FakeFaults.SOME, one);
      simulation.restart();
      simulation.storm(100, FakeFaults.SOME, one);
      simulation.settle(one);
      assertThat(attachments()).as(simulation.recent()).hasSize(1);
    }
  }

  private List<VolumeAttachment> attachments() {
    return simulation.stored(VolumeAttachment.class);
  }

  private Node stored(String name) {
    return simulation.stored(Node.class, "", name).orElseThrow();
  }

  private static DeleteOptions now() {
    return new DeleteOptions(0L, null, null, null);
  }

  private void end(String pod) {
    simulation.api().resource(Pod.class).delete(new ObjectKey("default", pod), now());
  }

  private void attached(VolumeAttachment attachment) {
    simulation
        .api()
        .resource(VolumeAttachment.class)
        .updateStatus(
            new VolumeAttachmentBuilder(attachment)
                .withNewStatus()
                .withAttached(true)
                .endStatus()
                .build());
  }

  private void node(String name) {
    simulation
        .api()
        .resource(Node.class)
        .create(
            new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .endStatus()
                .build());
    inUse(name, "True");
  }

  private void inUse(String node, String ready, String... volumes) {
    simulation
        .api()
        .resource(Node.class)
        .updateStatus(
            new NodeBuilder(stored(node))
                .editStatus()
                .withConditions()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .withLastTransitionTime(simulation.time().now().toString())
                .endCondition()
                .withVolumesInUse(volumes)
                .endStatus()
                .build());
  }

  private void volume(String mode) {
    simulation
        .api()
        .resource(PersistentVolume.class)
        .create(
            new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("pv")
                .endMetadata()
                .withNewSpec()
                .withAccessModes(mode)
                .addToCapacity("storage", new Quantity("1Gi"))
                .withNewClaimRef()
                .withNamespace("default")
                .withName("data")
                .endClaimRef()
                .withNewCsi()
                .withDriver("driver.example")
                .withVolumeHandle("handle")
                .endCsi()
                .endSpec()
                .build());
    PersistentVolumeClaim claim =
        simulation
            .api()
            .resource(PersistentVolumeClaim.class)
            .create(
                new PersistentVolumeClaimBuilder()
                    .withNewMetadata()
                    .withName("data")
                    .withNamespace("default")
                    .endMetadata()
                    .withNewSpec()
                    .withVolumeName("pv")
                    .endSpec()
                    .build());
    simulation
        .api()
        .resource(PersistentVolumeClaim.class)
        .updateStatus(
            new PersistentVolumeClaimBuilder(claim)
                .withNewStatus()
                .withPhase("Bound")
                .endStatus()
                .build());
  }
}
