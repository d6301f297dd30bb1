package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Pods that are deleted, evicted, refused or out of time, told step by step. */
final class EndingStoriesTest {
  @Test
  void anEndedPodStaysEndedWhateverTheKubeletForgets() {
    Story story = new Story(pod("Never", container("app"))).settle().ends("app", 0).settle();
    story.kubeletRestarts().settle();
    assertThat(story.status().getPhase()).isEqualTo("Succeeded");
    assertThat(story.containerCount("app")).isOne();
  }

  @Test
  void aDeletedPodStopsReportsAndOnlyThenVanishes() {
    Story story = new Story(pod("Always", container("app"))).settle().deleted();
    PodAction.StopContainer stop = story.only(PodAction.StopContainer.class);
    assertThat(stop.grace()).isEqualTo(Duration.ofSeconds(30));
    assertThat(stop.hook()).isTrue();
    story.succeed(stop).decide();
    story.succeed(story.only(PodAction.StopSandbox.class)).decide();
    story.succeed(story.only(PodAction.Release.class)).decide();
    assertThat(story.open()).as("its last status is not known yet").isEmpty();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    story.recorded();
    assertThat(story.open())
        .extracting(PodAction::key)
        .containsExactlyInAnyOrder("confirm", "sandbox/s1");
    story.succeed(story.open().getLast()).decide();
    assertThat(story.decision().done()).as("the API still has it").isFalse();
    story.succeed(story.only(PodAction.Confirm.class)).decide();
    assertThat(story.decision().done()).isTrue();
    assertThat(story.sandboxCount()).isZero();
  }

  @Test
  void whatIsTakenAwayAtTheEndIsStillTold() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle().pass(Duration.ofSeconds(20)).settle();
    assertThat(story.status("app").getLastState().getTerminated().getExitCode()).isOne();
    story.deleted();
    story.succeed(story.only(PodAction.StopContainer.class)).decide();
    story.succeed(story.only(PodAction.StopSandbox.class)).decide();
    story.succeed(story.only(PodAction.Release.class)).decide().recorded();
    PodStatus told = story.status();
    story.succeed(story.open().getLast()).decide();
    assertThat(story.sandboxCount()).isZero();
    assertThat(story.status()).isEqualTo(told);
    assertThat(story.unrecorded()).isFalse();
  }

  @Test
  void theLastWordOfADeletedPodTakesThatOfItsContainersAlong() {
    Story story = new Story(pod("Always", container("app"))).settle().recorded().deleted();
    assertThat(story.presses()).as("that it is seen to be deleted").isFalse();
    story.succeed(story.only(PodAction.StopContainer.class)).decide();
    assertThat(story.condition("Ready")).startsWith("False");
    assertThat(story.heldBack()).isTrue();
    Story slow = story.pass(Duration.ofSeconds(1));
    assertThat(slow.heldBack()).isFalse();
    assertThat(slow.presses()).isTrue();
    story.succeed(story.only(PodAction.StopSandbox.class)).decide();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.heldBack()).isFalse();
    assertThat(story.presses()).isTrue();
  }

  @Test
  void anEndThatWaitsForItsStatusPresses() {
    Story story = new Story(pod("Never", container("app"))).settle().ends("app", 0).settle();
    story.lost().deleted();
    assertThat(story.open()).isEmpty();
    assertThat(story.presses()).isTrue();
    assertThat(story.recorded().open()).hasSize(2);
  }

  @Test
  void aKubeletThatReturnsInTheMiddleOfADeletionGivesWhatIsLeftOfTheGrace() {
    Story story = new Story(pod("Always", container("app"))).settle().deleted();
    story.pass(Duration.ofSeconds(20)).kubeletRestarts();
    assertThat(story.only(PodAction.StopContainer.class).grace()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void aPodDeletedBeforeItRanLeavesNothing() {
    Story story = new Story(pod("Always", container("app"))).deleted();
    story.succeed(story.only(PodAction.Prepare.class)).decide().settle();
    assertThat(story.decision().done()).isTrue();
    assertThat(story.status("app").getState().getTerminated().getReason())
        .isEqualTo("ContainerStatusUnknown");
  }

  @Test
  void thePodsOwnDeadlineEndsIt() {
    Pod pod =
        new PodBuilder(pod("Always", container("app")))
            .editSpec()
            .withActiveDeadlineSeconds(60L)
            .endSpec()
            .build();
    Story story = new Story(pod).settle();
    story.pass(Duration.ofSeconds(60)).settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.status().getReason()).isEqualTo("DeadlineExceeded");
    assertThat(story.remarks())
        .extracting(PodDecision.Remark::reason)
        .containsExactly("DeadlineExceeded");
    story.pass(Duration.ofSeconds(60)).settle();
    assertThat(story.status().getReason()).isEqualTo("DeadlineExceeded");
  }

  @Test
  void aPodThatIsRefusedFailsBeforeAnythingIsMade() {
    Story story = Story.refused(pod("Always", container("app")), "OutOfcpu", "too little");
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.status().getReason()).isEqualTo("OutOfcpu");
    assertThat(story.status().getMessage()).isEqualTo("too little");
    assertThat(story.status().getContainerStatuses()).isEmpty();
    story.settle();
    assertThat(story.sandboxCount()).isZero();
    assertThat(story.kubeletRestarts().status().getPhase()).isEqualTo("Failed");
    assertThat(story.status().getContainerStatuses()).isEmpty();
  }

  @Test
  void anEvictedPodIsToldSoAndAnEvictionOutlivesTheKubelet() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.evicted("The node was low on resource: memory. ");
    assertThat(story.status().getPhase()).isEqualTo("Running");
    assertThat(story.condition("DisruptionTarget")).isEqualTo("True TerminationByKubelet");
    story.kubeletRestarts().settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.status().getReason()).isEqualTo("Evicted");
    assertThat(story.status().getMessage()).isEqualTo("The node was low on resource: memory. ");
    assertThat(story.condition("DisruptionTarget")).isEqualTo("True TerminationByKubelet");
  }

  /** As by a second {@code kubectl delete --now}. */
  @Test
  void whoIsToStopSoonerIsNotGivenTheTimeThatItHadBefore() {
    Story story = new Story(pod("Always", container("app"))).settle().deleted();
    PodAction.StopContainer stop = story.only(PodAction.StopContainer.class);
    story.pass(Duration.ofSeconds(10));
    story.change(pod -> pod.editMetadata().addToLabels("a", "b").endMetadata());
    assertThat(story.futile()).as("nothing has become shorter").isEmpty();
    story.change(pod -> pod.editMetadata().withDeletionGracePeriodSeconds(15L).endMetadata());
    assertThat(story.futile()).containsExactly(stop);
    story.fail(stop, "Interrupted", "broken off", Duration.ofSeconds(2));
    PodAction.StopContainer sooner = story.only(PodAction.StopContainer.class);
    assertThat(sooner.grace()).isEqualTo(Duration.ofSeconds(5));
    assertThat(story.futile()).isEmpty();
  }

  @Test
  void whatAContainerIsRestartedWithIsNotLongerThanThePodsEnd() {
    Story story = new Story(pod("Always", container("app"))).settle().livenessFails("app");
    PodAction.StopContainer restart = story.only(PodAction.StopContainer.class);
    story.change(pod ->
        pod.editMetadata()
            .withDeletionTimestamp(story.now().plusSeconds(1).toString())
            .withDeletionGracePeriodSeconds(1L)
            .endMetadata());
    assertThat(story.futile()).containsExactly(restart);
  }

  @Test
  void aNegativeGracePeriodCountsAsASecond() {
    Pod pod = pod("Always", container("app"));
    pod.getSpec().setTerminationGracePeriodSeconds(-5L);
    assertThat(PodDecider.grace(pod)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void whatCannotBeTakenAwayIsTriedAgainAfterARest() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.deleted();
    PodAction.StopContainer stop = story.only(PodAction.StopContainer.class);
    story.fail(stop, "Failed", "busy", Duration.ofSeconds(2));
    assertThat(story.open()).isEmpty();
    assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(2));
    story.pass(Duration.ofSeconds(2));
    assertThat(story.only(PodAction.StopContainer.class).id()).isEqualTo(stop.id());
  }
}
