package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PodStoriesTest {

  @Test
  void aPodComesUpOneStepAfterTheOther() {
    Story story = new Story(pod("Always", container("app")));
    assertThat(story.status().getPhase()).isEqualTo("Pending");
    assertThat(story.condition("PodReadyToStartContainers")).isEqualTo("False");
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    assertThat(story.status().getPodIP()).isEqualTo("10.244.1.1");
    assertThat(story.status("app").getState().getWaiting().getReason())
        .isEqualTo("ContainerCreating");
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.open()).isEmpty();
    assertThat(story.status().getPhase()).isEqualTo("Running");
    assertThat(story.condition("Ready")).isEqualTo("True");
    assertThat(story.status("app").getContainerID()).isEqualTo("containerd://c2");
    assertThat(story.status().getHostIP()).isEqualTo(Story.HOST);
    assertThat(story.status().getQosClass()).isEqualTo("BestEffort");
  }

  @Test
  void whoSaysThatAReadyPodIsNotIsContradicted() {
    Story story = new Story(pod("Always", container("app"))).settle().recorded();
    assertThat(story.unrecorded()).isFalse();
    PodStatus told = story.status();
    story.change(pod -> pod.withStatus(told)).decide();
    assertThat(story.unrecorded()).isFalse();
    story.change(pod -> pod.withStatus(unready(told))).decide();
    assertThat(story.condition("Ready")).isEqualTo("True");
    assertThat(story.unrecorded()).isTrue();
  }

  @Test
  void whoContradictsWhileTheAnswerIsUnderWayIsContradictedToo() {
    Story story = new Story(pod("Always", container("app"))).settle();
    assertThat(story.condition("Ready")).isEqualTo("True");
    story.recording();
    story.change(pod -> pod.withStatus(unready(story.status()))).recorded(true);
    assertThat(story.unrecorded()).isTrue();
    story.recorded();
    assertThat(story.unrecorded()).isFalse();
  }

  @Test
  void whatIsLostWhileTheAnswerIsUnderWayIsToldAgain() {
    Story story = new Story(pod("Always", container("app"))).settle().recorded().recording();
    story.lost().recorded(true);
    assertThat(story.unrecorded()).isTrue();
  }

  private static PodStatus unready(PodStatus told) {
    List<PodCondition> conditions =
        told.getConditions().stream()
            .map(condition ->
                condition.getType().equals("Ready")
                    ? new PodConditionBuilder(condition).withStatus("False").build()
                    : condition)
            .toList();
    return new PodStatusBuilder(told).withConditions(conditions).build();
  }

  @Test
  void containersStartOneAfterTheOther() {
    Story story = new Story(pod("Always", container("one"), container("two")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    assertThat(story.only(PodAction.StartContainer.class).name()).isEqualTo("one");
    story.settle();
    assertThat(story.status("two").getReady()).isTrue();
  }

  @Test
  void initContainersRunInOrderAndToTheirEnd() {
    Pod pod =
        new PodBuilder(pod("Always", container("app")))
            .editSpec()
            .withInitContainers(container("first"), container("second"))
            .endSpec()
            .build();
    Story story = new Story(pod).settle();
    assertThat(story.condition("Initialized")).isEqualTo("False ContainersNotInitialized");
    assertThat(story.status("app").getState().getWaiting().getReason())
        .isEqualTo("PodInitializing");
    assertThat(story.containerCount("second")).isZero();
    story.ends("first", 0).settle();
    story.ends("second", 0).settle();
    assertThat(story.condition("Initialized")).isEqualTo("True");
    assertThat(story.status("first").getReady()).isTrue();
    assertThat(story.status().getPhase()).isEqualTo("Running");
  }

  @Test
  void aFailedInitContainerOfAPodThatDoesNotRestartFailsThePod() {
    Pod pod =
        new PodBuilder(pod("Never", container("app")))
            .editSpec()
            .withInitContainers(container("first"))
            .endSpec()
            .build();
    Story story = new Story(pod).settle().ends("first", 1).settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    assertThat(story.containerCount("app")).isZero();
    assertThat(story.condition("Ready")).isEqualTo("False PodFailed");
  }

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
  void aKubeletThatReturnsTouchesNothingThatRuns() {
    Story story = new Story(pod("Always", container("app"))).settle();
    String id = story.newest("app").id();
    story.kubeletRestarts();
    assertThat(story.open()).containsExactly(new PodAction.Prepare());
    story.settle();
    assertThat(story.newest("app").id()).isEqualTo(id);
    assertThat(story.status("app").getRestartCount()).isZero();
    assertThat(story.sandboxCount()).isOne();
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
    story.succeed(story.only(PodAction.Confirm.class)).decide();
    story.succeed(story.only(PodAction.RemoveSandbox.class)).decide();
    assertThat(story.decision().done()).isTrue();
    assertThat(story.sandboxCount()).isZero();
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
  void anImageThatCannotBePulledIsShownAsUpstreamShowsIt() {
    Story story = new Story(pod("Always", container("app")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    story.fail(
        story.only(PodAction.StartContainer.class),
        "ErrImagePull",
        "not found",
        Duration.ofSeconds(10));
    assertThat(story.status("app").getState().getWaiting().getReason()).isEqualTo("ErrImagePull");
    story.pass(Duration.ofSeconds(5));
    assertThat(story.status("app").getState().getWaiting().getReason())
        .isEqualTo("ImagePullBackOff");
    assertThat(story.remarks())
        .extracting(remark -> remark.type() + " " + remark.reason() + " " + remark.message())
        .containsExactly(
            "NORMAL BackOff Back-off pulling image \"app:1\"",
            "WARNING Failed Error: ImagePullBackOff");
    assertThat(story.open()).isEmpty();
    story.pass(Duration.ofSeconds(5));
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.status().getPhase()).isEqualTo("Running");
  }

  @Test
  void aFailedLivenessProbeRestartsTheContainerWithUpstreamsWords() {
    Story story = new Story(pod("Always", container("app"))).settle().livenessFails("app");
    assertThat(story.only(PodAction.StopContainer.class).message())
        .isEqualTo("Container app failed liveness probe, will be restarted");
    story.settle();
    assertThat(story.status("app").getRestartCount()).isOne();
    assertThat(story.status("app").getState().getRunning()).isNotNull();
  }

  @Test
  void readinessFollowsItsProbe() {
    Container app =
        new ContainerBuilder(container("app"))
            .withNewReadinessProbe()
            .withNewTcpSocket()
            .withNewPort(80)
            .endTcpSocket()
            .endReadinessProbe()
            .build();
    Story story = new Story(pod("Always", app)).settle();
    assertThat(story.condition("Ready")).isEqualTo("False ContainersNotReady");
    story.probed("app", true, true);
    assertThat(story.condition("Ready")).isEqualTo("True");
    story.probed("app", true, false);
    assertThat(story.condition("ContainersReady")).isEqualTo("False ContainersNotReady");
  }

  @Test
  void aReadyContainerStaysReadyWhileTheKubeletReturns() {
    Container app =
        new ContainerBuilder(container("app"))
            .withNewReadinessProbe()
            .withNewTcpSocket()
            .withNewPort(80)
            .endTcpSocket()
            .endReadinessProbe()
            .build();
    Story story = new Story(pod("Always", app)).settle().probed("app", true, true);
    story.kubeletRestarts();
    assertThat(story.condition("Ready")).isEqualTo("True");
    story.ends("app", 1).settle();
    assertThat(story.condition("Ready"))
        .as("the next container must prove itself")
        .isEqualTo("False ContainersNotReady");
  }

  @Test
  void readinessGatesCountForThePod() {
    Pod pod =
        new PodBuilder(pod("Always", container("app")))
            .editSpec()
            .addNewReadinessGate("example.com/lb")
            .endSpec()
            .build();
    Story story = new Story(pod).settle();
    assertThat(story.condition("ContainersReady")).isEqualTo("True");
    assertThat(story.condition("Ready")).isEqualTo("False ReadinessGatesNotReady");
    story.change(builder ->
        builder
            .editStatus()
            .addNewCondition()
            .withType("example.com/lb")
            .withStatus("True")
            .endCondition()
            .endStatus());
    assertThat(story.condition("Ready")).isEqualTo("True");
  }

  @Test
  void aLostSandboxIsReplacedAndItsContainersWithIt() {
    Story story = new Story(pod("Always", container("app"))).settle();
    story.sandboxDies();
    assertThat(story.only(PodAction.StopContainer.class).message())
        .isEqualTo("Pod sandbox changed, it will be killed and re-created.");
    story.settle();
    assertThat(story.status().getPhase()).isEqualTo("Running");
    assertThat(story.status("app").getRestartCount()).isOne();
    assertThat(story.newest("app").sandboxId()).isNotEqualTo("s1");
  }

  @Test
  void sidecarsStartBeforeAndStopAfterTheOthers() {
    Container sidecar = container("proxy");
    sidecar.setRestartPolicy("Always");
    Pod pod =
        new PodBuilder(pod("Never", container("app")))
            .editSpec()
            .withInitContainers(sidecar)
            .endSpec()
            .build();
    Story story = new Story(pod).settle();
    assertThat(story.status("proxy").getReady()).isTrue();
    story.deleted();
    assertThat(story.only(PodAction.StopContainer.class).name()).isEqualTo("app");
    story.succeed(story.only(PodAction.StopContainer.class)).decide();
    assertThat(story.only(PodAction.StopContainer.class).name()).isEqualTo("proxy");
  }

  @Test
  void aJobsSidecarDoesNotKeepItAlive() {
    Container sidecar = container("proxy");
    sidecar.setRestartPolicy("Always");
    Pod pod =
        new PodBuilder(pod("Never", container("app")))
            .editSpec()
            .withInitContainers(sidecar)
            .endSpec()
            .build();
    Story story = new Story(pod).settle().ends("app", 0).settle();
    assertThat(story.status().getPhase()).isEqualTo("Succeeded");
    assertThat(story.newest("proxy").exited()).isTrue();
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
    story.pass(Duration.ofSeconds(60)).settle();
    assertThat(story.status().getReason()).isEqualTo("DeadlineExceeded");
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
  void aContainerThatVanishedUnderAPodThatRestartsNothingFailsIt() {
    Story story = new Story(pod("Never", container("app"))).settle();
    Story after = story.kubeletRestarts();
    after.succeed(new PodAction.RemoveContainer(after.newest("app").id())).decide().settle();
    assertThat(after.status().getPhase()).isEqualTo("Failed");
    assertThat(after.status("app").getState().getTerminated().getExitCode()).isEqualTo(137);
  }

  @Test
  void aSandboxThatCannotBeMadeIsTriedAgainUnderAnotherAttempt() {
    Story story = new Story(pod("Always", container("app")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.fail(
        story.only(PodAction.RunSandbox.class),
        "FailedCreatePodSandBox",
        "name is reserved",
        Duration.ofSeconds(5));
    assertThat(story.open()).isEmpty();
    story.pass(Duration.ofSeconds(5));
    assertThat(story.only(PodAction.RunSandbox.class).attempt()).isOne();
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

  @Test
  void whatAFailedInitContainerKeptFromStartingGoesOnWaiting() {
    Story story =
        new Story(
            new PodBuilder(pod("Never", container("app")))
                .editSpec()
                .withInitContainers(container("init"), container("late"))
                .endSpec()
                .build());
    story.settle().ends("init", 1).settle();
    assertThat(story.status().getPhase()).isEqualTo("Failed");
    for (String name : List.of("late", "app")) {
      assertThat(story.status(name).getState().getWaiting().getReason())
          .isEqualTo("PodInitializing");
    }
    assertThat(story.condition("Initialized")).isEqualTo("False ContainersNotInitialized");
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
