package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Containers that end and come again, told step by step. */
final class RestartStoriesTest {
  @Test
  void aCrashingContainerBacksOffTenSecondsThenTwentyUpToFiveMinutes() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle();
    assertThat(story.status("app").getRestartCount()).as("the first restart is at once").isOne();
    for (int seconds : new int[] {10, 20, 40, 80, 160, 300, 300}) {
      int restarts = story.status("app").getRestartCount();
      story.ends("app", 1).settle();
      assertThat(story.status("app").getState().getWaiting().getReason())
          .isEqualTo("CrashLoopBackOff");
      assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(seconds));
      story.pass(Duration.ofSeconds(seconds - 1)).settle();
      assertThat(story.status("app").getRestartCount()).isEqualTo(restarts);
      story.pass(Duration.ofSeconds(1)).settle();
      assertThat(story.status("app").getRestartCount()).isEqualTo(restarts + 1);
    }
    assertThat(story.containerCount("app")).as("old containers are removed").isEqualTo(2);
  }

  @Test
  void aLowerCapHoldsFromTheFirstBackOffOnAndForgivesNoEarlier() {
    Story story = new Story(pod("Always", container("app")), Duration.ofSeconds(15)).settle();
    story.ends("app", 1).settle();
    for (int seconds : new int[] {10, 15, 15}) {
      story.ends("app", 1).settle();
      assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(seconds));
      story.pass(Duration.ofSeconds(seconds)).settle();
    }
    story.pass(Duration.ofMinutes(9)).ends("app", 1).settle();
    assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(15));
    Story lowest = new Story(pod("Always", container("app")), Duration.ofSeconds(1)).settle();
    lowest.ends("app", 1).settle().ends("app", 1).settle();
    assertThat(lowest.decision().wakeAt()).contains(lowest.now().plusSeconds(1));
  }

  @Test
  void theBackOffMessageIsUpstreams() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle().ends("app", 1).settle();
    assertThat(story.status("app").getState().getWaiting().getMessage())
        .isEqualTo("back-off 10s restarting failed container=app pod=web_shop(u1)");
    assertThat(story.status("app").getLastState().getTerminated().getExitCode()).isOne();
    assertThat(story.remarks()).extracting(PodDecision.Remark::reason).containsExactly("BackOff");
  }

  @Test
  void aContainerThatRanLongEnoughIsForgiven() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle().ends("app", 1).settle();
    story.pass(Duration.ofSeconds(10)).settle();
    story.pass(Duration.ofMinutes(11)).ends("app", 1).settle();
    assertThat(story.status("app").getState().getRunning()).isNotNull();
    story.ends("app", 1).settle();
    assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(10));
  }

  @Test
  void theBackOffSurvivesTheKubelet() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle().ends("app", 1).settle();
    story.kubeletRestarts().settle();
    assertThat(story.status("app").getState().getWaiting().getReason())
        .isEqualTo("CrashLoopBackOff");
    assertThat(story.status("app").getRestartCount()).isOne();
  }

  @Test
  void aPodThatRestartsNothingSucceedsOrFailsByItsExitCodes() {
    Story succeeded = new Story(pod("Never", container("app"))).settle().ends("app", 0).settle();
    assertThat(succeeded.status().getPhase()).isEqualTo("Succeeded");
    assertThat(succeeded.condition("Ready")).isEqualTo("False PodCompleted");
    assertThat(succeeded.status().getPodIP()).as("its address stays known").isNotNull();
    Story failed = new Story(pod("Never", container("app"))).settle().ends("app", 3).settle();
    assertThat(failed.status().getPhase()).isEqualTo("Failed");
    assertThat(failed.status("app").getState().getTerminated().getExitCode()).isEqualTo(3);
  }

  @Test
  void onFailureRestartsOnlyAfterAFailure() {
    Story story = new Story(pod("OnFailure", container("app"))).settle().ends("app", 3).settle();
    assertThat(story.status("app").getRestartCount()).isOne();
    story.ends("app", 0).settle();
    assertThat(story.status().getPhase()).isEqualTo("Succeeded");
  }

  @Test
  void aNewImageReplacesTheContainerInPlace() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.change(builder ->
        builder.editSpec().editFirstContainer().withImage("app:2").endContainer().endSpec());
    assertThat(story.only(PodAction.StopContainer.class).message())
        .isEqualTo("Container app definition changed, will be restarted");
  }

  @Test
  void aNewImageDoesNotWaitForWhatTheOldOneBroughtAbout() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.ends("app", 1).settle().ends("app", 1).settle();
    story.pass(Duration.ofSeconds(10)).settle().ends("app", 1).settle();
    assertThat(story.status("app").getState().getWaiting().getReason())
        .isEqualTo("CrashLoopBackOff");
    story.change(builder ->
        builder.editSpec().editFirstContainer().withImage("app:2").endContainer().endSpec());
    story.settle();
    assertThat(story.status("app").getState().getRunning()).isNotNull();
    assertThat(story.status("app").getRestartCount()).isEqualTo(3);
    story.ends("app", 1).settle();
    assertThat(story.decision().wakeAt())
        .as("the first back-off again")
        .contains(story.now().plusSeconds(10));
  }

  @Test
  void aNewImageBringsNothingBackThatHasEndedForGood() {
    Story story = new Story(pod("Never", container("app"))).settle().ends("app", 1).settle();
    story.change(builder ->
        builder.editSpec().editFirstContainer().withImage("app:2").endContainer().endSpec());
    story.settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.containerCount("app")).isOne();
  }

  @Test
  void whatIsReplacedAtOnceIsToldWhenTheNewOneRuns() {
    Story story = replaced();
    assertThat(story.heldBack()).isTrue();
    story.succeed(story.only(PodAction.StopContainer.class)).decide();
    assertThat(story.condition("Ready")).startsWith("False");
    assertThat(story.heldBack()).as("between the two").isTrue();
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.condition("Ready")).startsWith("True");
    assertThat(story.heldBack()).isFalse();
  }

  @Test
  void whatTakesLongToReplaceIsToldMeanwhile() {
    Story story = replaced();
    story.succeed(story.only(PodAction.StopContainer.class)).decide();
    story.pass(Duration.ofSeconds(1));
    assertThat(story.heldBack()).isFalse();
    assertThat(replaced().deleted().heldBack()).as("of a pod that ends").isFalse();
    Story crashed = new Story(pod("Always", container("app"))).settle().ends("app", 1).decide();
    assertThat(crashed.heldBack()).as("of a crash").isFalse();
  }

  private static Story replaced() {
    return new Story(pod("Always", container("app")))
        .settle()
        .change(builder ->
            builder.editSpec().editFirstContainer().withImage("app:2").endContainer().endSpec());
  }

  @Test
  void aContainerThatVanishedUnderAPodThatRestartsNothingFailsIt() {
    Story story = new Story(pod("Never", container("app"))).settle();
    Story after = story.kubeletRestarts();
    after
        .succeed(new PodAction.RemoveContainer(after.newest("app").id(), "app", 0))
        .decide()
        .settle();
    assertThat(after.status().getPhase()).isEqualTo("Failed");
    assertThat(after.status("app").getState().getTerminated().getExitCode()).isEqualTo(137);
  }

  @Test
  void theRestartRulesOfAContainerWinOverThePodsPolicy() {
    Container app =
        new ContainerBuilder(container("app"))
            .withRestartPolicy("Never")
            .addNewRestartPolicyRule()
            .withAction("Restart")
            .withNewExitCodes()
            .withOperator("In")
            .withValues(List.of(42))
            .endExitCodes()
            .endRestartPolicyRule()
            .build();
    Story story = new Story(pod("Always", app)).settle().ends("app", 42).settle();
    assertThat(story.status("app").getRestartCount()).isOne();
    story.ends("app", 1).settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
  }
}
