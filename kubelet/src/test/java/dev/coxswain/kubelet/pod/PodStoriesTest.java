package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pods that come up and stay up, told step by step. */
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
  void anImageIsLookedForWhileItsPullBacksOffAndNothingElseIsShown() {
    Story story = new Story(pod("Always", container("app")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    Instant failed = story.now();
    Instant retry = failed.plusSeconds(40);
    for (int look = 1; look <= 2; look++) {
      story.fail(
          story.only(PodAction.StartContainer.class),
          new Failure(
              "ErrImagePull", "not found", "app:1", failed, retry, story.now().plusSeconds(10)));
      story.pass(Duration.ofSeconds(4));
      assertThat(story.open()).isEmpty();
      story.pass(Duration.ofSeconds(6));
      assertThat(story.status("app").getState().getWaiting().getReason())
          .isEqualTo("ImagePullBackOff");
    }
    assertThat(story.remarks()).hasSize(2);
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.status().getPhase()).isEqualTo("Running");
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
    assertThat(story.remarks())
        .extracting(remark -> remark.type() + " " + remark.reason() + " " + remark.message())
        .containsExactly(
            "NORMAL SandboxChanged Pod sandbox changed, it will be killed and re-created.");
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
  void sidecarsAreToldThatThePodStopsWhenTheOthersAre() {
    Story story = new Story(withProxy(preStop())).settle().deleted();
    assertThat(story.open())
        .extracting(PodAction::key)
        .containsExactly("container/" + story.newest("app").id(), hook(story));
    story.succeed(story.open().getFirst()).decide();
    assertThat(story.only(PodAction.PreStop.class).grace()).isEqualTo(Duration.ofSeconds(30));
    story.succeed(story.only(PodAction.PreStop.class)).decide();
    PodAction.StopContainer stop = story.only(PodAction.StopContainer.class);
    assertThat(stop.name()).isEqualTo("proxy");
    assertThat(stop.hook()).as("it has run").isFalse();
  }

  @Test
  void aSidecarsHookIsNotWaitedForLongerThanThePodMayTake() {
    Story story = new Story(withProxy(preStop())).settle().deleted();
    PodAction hook = story.open().getLast();
    story.succeed(story.open().getFirst()).decide();
    assertThat(story.decision().wakeAt()).contains(story.now().plusSeconds(30));
    story.pass(Duration.ofSeconds(30));
    assertThat(story.open()).hasSize(2).contains(hook);
    PodAction.StopContainer stop = (PodAction.StopContainer) story.open().getLast();
    assertThat(stop.name()).isEqualTo("proxy");
    assertThat(stop.hook()).isFalse();
  }

  private static String hook(Story story) {
    return PodAction.PreStop.key(story.newest("proxy").id());
  }

  private static Lifecycle preStop() {
    return new LifecycleBuilder()
        .withNewPreStop()
        .withNewExec()
        .withCommand("drain")
        .endExec()
        .endPreStop()
        .build();
  }

  private static Pod withProxy(Lifecycle lifecycle) {
    Container sidecar = container("proxy");
    sidecar.setRestartPolicy("Always");
    sidecar.setLifecycle(lifecycle);
    return new PodBuilder(pod("Never", container("app")))
        .editSpec()
        .withInitContainers(sidecar)
        .endSpec()
        .build();
  }

  @Test
  void aPodRunsOnlyOnceAllItsContainersHave() {
    Story story = new Story(pod("Always", container("app"), container("late")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    PodAction.StartContainer start = story.only(PodAction.StartContainer.class);
    story.fail(start, "ErrImagePull", "no such image", Duration.ofSeconds(10));
    assertThat(story.status("app").getState().getRunning()).isNotNull();
    assertThat(story.status().getPhase()).isEqualTo("Pending");
    story.pass(Duration.ofSeconds(10));
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.status().getPhase()).isEqualTo("Running");
    story.ends("late", 1);
    assertThat(story.status().getPhase()).isEqualTo("Running");
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
}
