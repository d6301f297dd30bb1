package dev.coxswain.kubelet.pod;

import static dev.coxswain.kubelet.pod.Story.container;
import static dev.coxswain.kubelet.pod.Story.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods that ask for other amounts while they run, told step by step. */
final class ResizeStoriesTest {
  @Test
  void aResizeReachesTheRunningContainerAndThenTheStatus() {
    Story story = new Story(pod("Always", sized("100m"))).settle();
    story.change(pod -> resized(pod, sized("200m")));
    assertThat(story.only(PodAction.Resize.class).targets())
        .extracting(PodAction.Resize.Target::name)
        .containsExactly("app");
    assertThat(story.condition("PodResizeInProgress")).isEqualTo("True");
    assertThat(cpu(story)).isEqualTo("100m");
    story.settle();
    assertThat(cpu(story)).isEqualTo("200m");
    assertThat(story.status("app").getRestartCount()).isZero();
    assertThat(story.status().getConditions())
        .extracting(PodCondition::getType)
        .doesNotContain("PodResizeInProgress", "PodResizePending");
  }

  @Test
  void aResizeThatAsksForARestartRestarts() {
    Story story = new Story(pod("Always", restarting("100m"))).settle();
    story.change(pod -> resized(pod, restarting("200m")));
    // Until its successor runs, nothing says that the resize is through.
    assertThat(story.open()).extracting(PodAction::key).containsExactly("container/c2");
    assertThat(story.condition("PodResizeInProgress")).isEqualTo("True");
    assertThat(cpu(story)).isEqualTo("100m");
    story.settle();
    assertThat(story.status("app").getRestartCount()).isOne();
    assertThat(cpu(story)).isEqualTo("200m");
  }

  @Test
  void whatIsRestartedForItsResourcesComesAgainAtOnceWhateverItEndsWith() {
    Story story = new Story(pod("OnFailure", restarting("100m"))).settle();
    for (String cpu : List.of("200m", "100m")) {
      story.change(pod -> resized(pod, restarting(cpu)));
      story.ends("app", 0);
      assertThat(story.status().getPhase()).isEqualTo("Running");
      story.settle();
      assertThat(story.status("app").getState().getRunning()).isNotNull();
      assertThat(cpu(story)).isEqualTo(cpu);
    }
    assertThat(story.status("app").getRestartCount()).isEqualTo(2);
  }

  private static Container restarting(String cpu) {
    return new ContainerBuilder(sized(cpu)).addNewResizePolicy("cpu", "RestartContainer").build();
  }

  @Test
  void aResizeBeyondTheNodeIsNotTried() {
    Story story = new Story(pod("Always", sized("100m"))).settle();
    story.room(Optional.of(new PendingResize(PendingResize.Reason.INFEASIBLE, "too much")));
    story.change(pod -> resized(pod, sized("5")));
    assertThat(story.open()).isEmpty();
    assertThat(story.condition("PodResizePending")).isEqualTo("True Infeasible");
    assertThat(cpu(story)).isEqualTo("100m");
  }

  @Test
  void whileAResizeWaitsThePodKeepsWhatItHasEvenAfterARestart() {
    Story story = new Story(pod("Always", sized("100m"))).settle();
    story.room(Optional.of(new PendingResize(PendingResize.Reason.DEFERRED, "no room")));
    story.change(pod -> resized(pod, sized("200m")));
    assertThat(story.condition("PodResizePending")).isEqualTo("True Deferred");
    story.ends("app", 1).pass(Duration.ofSeconds(10)).settle();
    assertThat(cpu(story)).isEqualTo("100m");
    story.kubeletRestarts().resizeJudged().settle();
    assertThat(cpu(story)).isEqualTo("100m");
    assertThat(story.condition("PodResizePending")).isEqualTo("True Deferred");
    story.room(Optional.empty()).resizeJudged();
    assertThat(story.condition("PodResizeInProgress")).isEqualTo("True");
    story.settle();
    assertThat(cpu(story)).isEqualTo("200m");
    assertThat(story.status().getConditions())
        .extracting(PodCondition::getType)
        .doesNotContain("PodResizeInProgress", "PodResizePending");
  }

  private static Container sized(String cpu) {
    return new ContainerBuilder(container("app"))
        .withNewResources()
        .addToRequests("cpu", new Quantity(cpu))
        .endResources()
        .build();
  }

  private static PodBuilder resized(PodBuilder pod, Container container) {
    return pod.editSpec().withContainers(container).endSpec();
  }

  private static String cpu(Story story) {
    return String.valueOf(story.status("app").getResources().getRequests().get("cpu"));
  }
}
