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

/**
 * What others may think of a pod, told step by step: conditions, probes and who contradicts them.
 */
final class PodStatusStoriesTest {
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
  void nobodyIsSentToAnEphemeralContainer() {
    Pod pod =
        new PodBuilder(pod("Always", container("app")))
            .editSpec()
            .addNewEphemeralContainer()
            .withName("debugger")
            .withImage("tools:1")
            .endEphemeralContainer()
            .endSpec()
            .build();
    Story story = new Story(pod).settle();
    assertThat(story.status("debugger").getState().getRunning()).isNotNull();
    assertThat(story.status("debugger").getReady()).isFalse();
    assertThat(story.status("debugger").getStarted()).isNull();
    assertThat(story.condition("Ready")).isEqualTo("True");
  }

  @Test
  void whatIsMountedIsTold() {
    Container app =
        new ContainerBuilder(container("app"))
            .addNewVolumeMount()
            .withName("data")
            .withMountPath("/data")
            .endVolumeMount()
            .addNewVolumeMount()
            .withName("settings")
            .withMountPath("/etc/settings")
            .withReadOnly(true)
            .endVolumeMount()
            .addNewVolumeMount()
            .withName("tools")
            .withMountPath("/tools")
            .withReadOnly(true)
            .withRecursiveReadOnly("Enabled")
            .endVolumeMount()
            .build();
    Story story = new Story(pod("Always", app)).decide();
    List<String> told =
        List.of("/data null null", "/etc/settings true Disabled", "/tools true Enabled");
    assertThat(mounts(story)).as("while it waits").isEqualTo(told);
    story.settle();
    assertThat(story.status("app").getState().getRunning()).isNotNull();
    assertThat(mounts(story)).isEqualTo(told);
  }

  private static List<String> mounts(Story story) {
    return story.status("app").getVolumeMounts().stream()
        .map(mount ->
            mount.getMountPath() + " " + mount.getReadOnly() + " " + mount.getRecursiveReadOnly())
        .toList();
  }

  /** Upstream's bound, so that a status cannot grow with what containers say. */
  @Test
  void theContainersOfAPodShareWhatTheyMaySay() {
    Container[] many = new Container[8];
    for (int one = 0; one < many.length; one++) {
      many[one] = container("app" + one);
    }
    Story story = new Story(pod("Never", many)).settle();
    story.says("app0", "é".repeat(2000)).ends("app0", 1);
    assertThat(story.status("app0").getState().getTerminated().getMessage())
        .isEqualTo("é".repeat(768));
    story.says("app1", "a" + "é".repeat(2000)).ends("app1", 1);
    assertThat(story.status("app1").getState().getTerminated().getMessage())
        .isEqualTo("a" + "é".repeat(767));
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

  @Test
  void whatComesWhileAPodIsMadeMayBeToldWithTheNextNews() {
    Story story = new Story(pod("Always", askedWhetherReady("app")));
    assertThat(story.unrecorded()).isTrue();
    assertThat(story.presses()).as("that it was taken on").isFalse();
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide();
    assertThat(story.status().getPodIP()).isNotEmpty();
    assertThat(story.presses()).as("that it has an address").isFalse();
    story.succeed(story.only(PodAction.StartContainer.class)).decide();
    assertThat(story.presses()).as("that it runs").isTrue();
    story.recorded().probed("app", true, true);
    assertThat(story.presses()).as("that it is ready").isTrue();
    story.recorded().probed("app", true, false);
    assertThat(story.presses()).as("that it is not").isTrue();
    story.recorded().ends("app", 1);
    assertThat(story.presses()).as("that it has ended").isTrue();
    story.recorded();
    assertThat(story.presses()).isFalse();
  }

  @Test
  void whatKeepsAPodFromRunningIsToldAtOnce() {
    Story story = new Story(pod("Always", container("app")));
    story.succeed(story.only(PodAction.Prepare.class)).decide();
    story.succeed(story.only(PodAction.RunSandbox.class)).decide().recorded();
    PodAction.StartContainer start = story.only(PodAction.StartContainer.class);
    story.fail(start, "ErrImagePull", "no such image", Duration.ofSeconds(10));
    assertThat(story.presses()).isTrue();
    Story unmounted = new Story(pod("Always", container("app")));
    PodAction.Prepare prepare = unmounted.only(PodAction.Prepare.class);
    unmounted.fail(prepare, "FailedMount", "no such volume", Duration.ofSeconds(2));
    assertThat(unmounted.presses()).as("of a volume that cannot be had").isTrue();
  }

  @Test
  void anotherWordOnSomethingElseNeedNoAnswer() {
    Story story = new Story(pod("Always", container("app"))).settle().recorded();
    PodCondition foreign =
        new PodConditionBuilder().withType("example.com/Seen").withStatus("True").build();
    PodStatus told = story.status();
    story.change(pod ->
        pod.withStatus(new PodStatusBuilder(told).addToConditions(foreign).build())
            .editMetadata()
            .withGeneration(2L)
            .endMetadata());
    assertThat(story.presses()).isFalse();
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
  void aFailedLivenessProbeRestartsTheContainerWithUpstreamsWords() {
    Story story = new Story(pod("Always", container("app"))).settle().livenessFails("app");
    assertThat(story.only(PodAction.StopContainer.class).message())
        .isEqualTo("Container app failed liveness probe, will be restarted");
    story.settle();
    assertThat(story.status("app").getRestartCount()).isOne();
    assertThat(story.status("app").getState().getRunning()).isNotNull();
  }

  private static Container askedWhetherReady(String name) {
    return new ContainerBuilder(container(name))
        .withNewReadinessProbe()
        .withNewTcpSocket()
        .withNewPort(80)
        .endTcpSocket()
        .endReadinessProbe()
        .build();
  }

  @Test
  void readinessFollowsItsProbe() {
    Story story = new Story(pod("Always", askedWhetherReady("app"))).settle();
    assertThat(story.condition("Ready")).isEqualTo("False ContainersNotReady");
    story.probed("app", true, true);
    assertThat(story.condition("Ready")).isEqualTo("True");
    story.probed("app", true, false);
    assertThat(story.condition("ContainersReady")).isEqualTo("False ContainersNotReady");
  }

  @Test
  void aReadyContainerStaysReadyWhileTheKubeletReturns() {
    Story story =
        new Story(pod("Always", askedWhetherReady("app"))).settle().probed("app", true, true);
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
}
