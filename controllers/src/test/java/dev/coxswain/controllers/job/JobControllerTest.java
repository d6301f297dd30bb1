package dev.coxswain.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JobControllerTest {
  private Simulation simulation =
      new Simulation(8, new JobController(), new TtlAfterFinishedController());

  /** How the pods that run end; nothing ends while it is empty. */
  private String phase = "Succeeded";

  @Test
  void runsToItsCompletionsNeverMoreThanItsParallelismAtOnce() {
    begin();
    create(job(5, 2));
    simulation.settle(
        () -> assertThat(pods().stream().filter(Pods::active)).hasSizeLessThanOrEqualTo(2));
    assertThat(pods()).hasSize(5).allMatch(Pods::succeeded);
    assertThat(pods()).allMatch(pod -> Meta.finalizers(pod).isEmpty());
    assertThat(stored().getStatus().getSucceeded()).isEqualTo(5);
    assertThat(stored().getStatus().getActive()).isNull();
    assertThat(stored().getStatus().getCompletionTime()).isNotNull();
    assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
    assertThat(simulation.events()).anyMatch(event -> event.reason().equals("Completed"));
  }

  @Test
  void givesUpAfterItsBackoffLimitWithGrowingPauses() {
    phase = "Failed";
    begin();
    create(new JobBuilder(job(1, 1)).editSpec().withBackoffLimit(2).endSpec().build());
    simulation.rest();
    assertThat(pods()).hasSize(1);
    simulation.settle();
    simulation.pass(Duration.ofMinutes(2));
    assertThat(pods()).hasSize(3);
    assertThat(stored().getStatus().getFailed()).isEqualTo(3);
    assertThat(conditions()).containsExactly("FailureTarget", "Failed");
    assertThat(stored().getStatus().getConditions().getLast().getReason())
        .isEqualTo("BackoffLimitExceeded");
  }

  @Test
  void stopsAtItsDeadline() {
    phase = "";
    begin();
    create(new JobBuilder(job(1, 1)).editSpec().withActiveDeadlineSeconds(100L).endSpec().build());
    simulation.settle();
    assertThat(stored().getStatus().getActive()).isEqualTo(1);
    simulation.pass(Duration.ofSeconds(100));
    assertThat(conditions()).containsExactly("FailureTarget", "Failed");
    assertThat(stored().getStatus().getConditions().getLast().getReason())
        .isEqualTo("DeadlineExceeded");
    assertThat(pods()).isEmpty();
  }

  @Test
  void aSuspendedOneHasNoPodsAndNothingOfThatIsAFailure() {
    phase = "";
    begin();
    create(job(3, 3));
    simulation.settle();
    change(job -> new JobBuilder(job).editSpec().withSuspend(true).endSpec().build());
    simulation.settle();
    assertThat(pods()).isEmpty();
    assertThat(conditions()).containsExactly("Suspended");
    assertThat(stored().getStatus().getFailed()).isNull();
    phase = "Succeeded";
    change(job -> new JobBuilder(job).editSpec().withSuspend(false).endSpec().build());
    simulation.settle();
    assertThat(stored().getStatus().getSucceeded()).isEqualTo(3);
  }

  @Test
  void anIndexedOneCompletesEveryIndex() {
    begin();
    create(new JobBuilder(job(4, 2)).editSpec().withCompletionMode("Indexed").endSpec().build());
    simulation.settle();
    assertThat(stored().getStatus().getCompletedIndexes()).isEqualTo("0-3");
    assertThat(stored().getStatus().getSucceeded()).isEqualTo(4);
    assertThat(pods())
        .extracting(pod -> JobPods.index(pod).orElseThrow())
        .containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(pods().getFirst().getSpec().getContainers().getFirst().getEnv().getFirst().getName())
        .isEqualTo("JOB_COMPLETION_INDEX");
    assertThat(pods().getFirst().getSpec().getHostname()).isEqualTo("work-0");
  }

  @Test
  void aFinishedOneGoesWhenItsTimeIsOver() {
    begin();
    create(new JobBuilder(job(1, 1)).editSpec().withTtlSecondsAfterFinished(300).endSpec().build());
    simulation.settle();
    assertThat(Meta.deleting(stored())).isFalse();
    simulation.pass(Duration.ofMinutes(5));
    assertThat(Meta.deleting(stored())).isTrue();
  }

  @Test
  void setsOfIndexesAreWrittenAsRanges() {
    assertThat(Indexes.format(new TreeSet<>(List.of(1, 3, 4, 5, 7, 8)))).isEqualTo("1,3-5,7,8");
    assertThat(Indexes.parse("1,3-5,7,8", 8)).containsExactly(1, 3, 4, 5, 7);
    assertThat(Indexes.parse("", 8)).isEmpty();
    assertThat(Indexes.format(new TreeSet<>())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void countsEveryPodOnceWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new JobController());
      boolean indexed = seed % 2 == 0;
      begin();
      create(
          new JobBuilder(job(6, 3))
              .editSpec()
              .withCompletionMode(indexed ? "Indexed" : "NonIndexed")
              .endSpec()
              .build());
      Runnable bounds =
          () -> {
            assertThat(pods().stream().filter(Pods::active)).hasSizeLessThanOrEqualTo(3);
            assertThat(pods()).hasSizeLessThanOrEqualTo(6);
          };
      simulation.storm(150, FakeFaults.SOME, bounds);
      simulation.restart();
      simulation.storm(150, FakeFaults.SOME, bounds);
      simulation.settle(bounds);
      assertThat(pods()).as(simulation.recent()).hasSize(6);
      assertThat(stored().getStatus().getSucceeded()).as(simulation.recent()).isEqualTo(6);
      assertThat(pods()).allMatch(pod -> Meta.finalizers(pod).isEmpty());
      assertThat(conditions()).contains("Complete");
    }
  }

  private void begin() {
    simulation.actor(new PodLife(simulation)).actor(this::endOne).restart();
  }

  private boolean endOne() {
    return !phase.isEmpty()
        && simulation.calmly(() -> {
          List<Pod> running =
              pods().stream().filter(pod -> Pods.active(pod) && Pods.ready(pod)).toList();
          if (running.isEmpty()) {
            return false;
          }
          Pod pod = running.get((int) simulation.random().below(running.size()));
          simulation
              .api()
              .resource(Pod.class)
              .updateStatus(
                  new PodBuilder(pod)
                      .editStatus()
                      .withPhase(phase)
                      .editFirstCondition()
                      .withStatus("False")
                      .withLastTransitionTime(simulation.time().now().toString())
                      .endCondition()
                      .endStatus()
                      .build());
          return true;
        });
  }

  private void create(Job job) {
    simulation.api().resource(Job.class).create(job);
  }

  private void change(UnaryOperator<Job> change) {
    simulation.api().resource(Job.class).update(change.apply(stored()));
  }

  private Job stored() {
    return simulation.stored(Job.class, "default", "work").orElseThrow();
  }

  private List<Pod> pods() {
    return simulation.stored(Pod.class);
  }

  private List<String> conditions() {
    return stored().getStatus().getConditions().stream().map(JobCondition::getType).toList();
  }

  private static Job job(int completions, int parallelism) {
    return new JobBuilder()
        .withNewMetadata()
        .withName("work")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withCompletions(completions)
        .withParallelism(parallelism)
        .withBackoffLimit(6)
        .withNewTemplate()
        .withNewSpec()
        .withRestartPolicy("Never")
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
