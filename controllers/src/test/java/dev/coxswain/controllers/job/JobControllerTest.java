package dev.coxswain.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JobControllerTest {
  private Simulation simulation =
      new Simulation(8, new JobController(), new TtlAfterFinishedController());

  private Story<Job> story = new Story<>(simulation, Job.class);

  /** With what the pods that run exit; below zero for those that go on. */
  private ToIntFunction<Pod> code = pod -> 0;

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
    code = pod -> 1;
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
    code = pod -> -1;
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
    code = pod -> -1;
    begin();
    create(job(3, 3));
    simulation.settle();
    change(job -> new JobBuilder(job).editSpec().withSuspend(true).endSpec().build());
    simulation.settle();
    assertThat(pods()).isEmpty();
    assertThat(conditions()).containsExactly("Suspended");
    assertThat(stored().getStatus().getFailed()).isNull();
    code = pod -> 0;
    change(job -> new JobBuilder(job).editSpec().withSuspend(false).endSpec().build());
    simulation.settle();
    assertThat(stored().getStatus().getSucceeded()).isEqualTo(3);
  }

  @Test
  void oneThatGoesOnHasItsWholeTimeAgain() {
    code = pod -> -1;
    begin();
    create(new JobBuilder(job(1, 1)).editSpec().withActiveDeadlineSeconds(1000L).endSpec().build());
    simulation.settle();
    change(job -> new JobBuilder(job).editSpec().withSuspend(true).endSpec().build());
    simulation.pass(Duration.ofSeconds(2000));
    change(job -> new JobBuilder(job).editSpec().withSuspend(false).endSpec().build());
    simulation.settle();
    assertThat(conditions()).doesNotContain("Failed");
    assertThat(stored().getStatus().getActive()).isEqualTo(1);
    simulation.pass(Duration.ofSeconds(1000));
    assertThat(conditions()).contains("Failed");
  }

  @Test
  void anIndexedOneCompletesEveryIndex() {
    begin();
    create(indexed(4, 2));
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
  void theIndexStaysInTheNameOfAPodHoweverLongTheJobs() {
    begin();
    String name = "w".repeat(60);
    create(
        new JobBuilder(indexed(2, 2))
            .editMetadata()
            .withName(name)
            .endMetadata()
            .editSpec()
            .withNewSelector()
            .addToMatchLabels("job-name", name)
            .endSelector()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(story.podNames())
        .hasSize(2)
        .allMatch(pod -> pod.length() == 63)
        .anyMatch(pod -> pod.startsWith("w".repeat(55) + "-0-"))
        .anyMatch(pod -> pod.startsWith("w".repeat(55) + "-1-"));
    assertThat(pods().getFirst().getMetadata().getGenerateName()).isEqualTo("w".repeat(55) + "-0-");
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

  @Test
  void anExitCodeGivesTheJobUp() {
    begin();
    code = pod -> 42;
    create(
        new JobBuilder(job(3, 1))
            .editSpec()
            .withNewPodFailurePolicy()
            .addNewRule()
            .withAction("FailJob")
            .withNewOnExitCodes()
            .withOperator("In")
            .withValues(42)
            .endOnExitCodes()
            .endRule()
            .endPodFailurePolicy()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(conditions()).containsExactly("FailureTarget", "Failed");
    JobCondition last = stored().getStatus().getConditions().getLast();
    assertThat(last.getReason()).isEqualTo("PodFailurePolicy");
    assertThat(last.getMessage())
        .matches(
            "Container main for pod default/work-\\w+ failed with exit code 42 matching FailJob"
                + " rule at index 0");
    assertThat(stored().getStatus().getFailed()).isEqualTo(1);
  }

  @Test
  void anIgnoredFailureIsReplacedAndNotCounted() {
    begin();
    code = pod -> simulation.stored(Pod.class).size() == 1 ? 7 : 0;
    create(
        new JobBuilder(job(1, 1))
            .editSpec()
            .withBackoffLimit(0)
            .withNewPodFailurePolicy()
            .addNewRule()
            .withAction("Ignore")
            .withNewOnExitCodes()
            .withOperator("NotIn")
            .withValues(3)
            .endOnExitCodes()
            .endRule()
            .endPodFailurePolicy()
            .endSpec()
            .build());
    simulation.pass(Duration.ofMinutes(1));
    assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
    assertThat(stored().getStatus().getFailed()).isNull();
    assertThat(pods()).hasSize(2).allMatch(pod -> Meta.finalizers(pod).isEmpty());
  }

  @Test
  void eachIndexHasItsOwnLimit() {
    begin();
    code = pod -> JobPods.index(pod).orElseThrow() % 2 == 0 ? 1 : 0;
    create(
        new JobBuilder(indexed(4, 2))
            .editSpec()
            .withBackoffLimit(100)
            .withBackoffLimitPerIndex(1)
            .endSpec()
            .build());
    simulation.settle();
    simulation.pass(Duration.ofMinutes(5));
    var status = stored().getStatus();
    assertThat(status.getCompletedIndexes()).isEqualTo("1,3");
    assertThat(status.getFailedIndexes()).isEqualTo("0,2");
    assertThat(status.getFailed()).isEqualTo(4);
    assertThat(status.getConditions().getLast().getReason()).isEqualTo("FailedIndexes");
    assertThat(pods())
        .extracting(pod -> JobPods.failures(pod).counted())
        .containsExactlyInAnyOrder(0, 1, 0, 0, 1, 0);
    assertThat(pods()).allMatch(pod -> Meta.finalizers(pod).isEmpty());
  }

  @Test
  void tooManyFailedIndexesEndIt() {
    begin();
    code = pod -> 1;
    create(
        new JobBuilder(indexed(10, 3))
            .editSpec()
            .withBackoffLimit(100)
            .withBackoffLimitPerIndex(0)
            .withMaxFailedIndexes(4)
            .endSpec()
            .build());
    simulation.settle();
    assertThat(stored().getStatus().getConditions().getLast().getReason())
        .isEqualTo("MaxFailedIndexesExceeded");
    assertThat(stored().getStatus().getFailed()).isBetween(5, 8);
  }

  @Test
  void enoughSuccessStopsTheRestWithoutMakingFailuresOfIt() {
    begin();
    code = pod -> JobPods.index(pod).orElseThrow() == 1 ? 0 : -1;
    create(
        new JobBuilder(indexed(3, 3))
            .editSpec()
            .withNewSuccessPolicy()
            .addNewRule()
            .withSucceededIndexes("1-2")
            .withSucceededCount(1)
            .endRule()
            .endSuccessPolicy()
            .endSpec()
            .build());
    simulation.settle();
    assertThat(conditions()).containsExactly("SuccessCriteriaMet", "Complete");
    var status = stored().getStatus();
    assertThat(status.getConditions().getLast().getReason()).isEqualTo("SuccessPolicy");
    assertThat(status.getConditions().getLast().getMessage()).isEqualTo("Matched rules at index 0");
    assertThat(status.getCompletedIndexes()).isEqualTo("1");
    assertThat(status.getFailed()).isNull();
    assertThat(pods()).hasSize(1);
  }

  @Test
  void aGoingPodIsReplacedOnlyOnceItHasEnded() {
    simulation.restart();
    create(
        new JobBuilder(job(1, 1)).editSpec().withPodReplacementPolicy("Failed").endSpec().build());
    simulation.settle();
    story.delete(pods().getFirst());
    simulation.settle();
    assertThat(pods()).hasSize(1);
    assertThat(stored().getStatus().getTerminating()).isEqualTo(1);
    story.changePod(
        pods().getFirst(),
        pod -> new PodBuilder(pod).editOrNewStatus().withPhase("Failed").endStatus().build());
    simulation.settle();
    simulation.pass(Duration.ofSeconds(20));
    assertThat(stored().getStatus().getFailed()).isEqualTo(1);
    assertThat(stored().getStatus().getActive()).isEqualTo(1);
  }

  @Test
  void adoptsWhatItSelectsAndLetsGoWhatItDoesNot() {
    code = pod -> -1;
    begin();
    create(job(2, 2));
    simulation.settle();
    Pod first = pods().getFirst();
    edit(
        first,
        pod -> new PodBuilder(pod).editMetadata().withOwnerReferences().endMetadata().build());
    simulation.settle();
    assertThat(story.activePods()).hasSize(2).allMatch(pod -> Owners.controls(stored(), pod));
    assertThat(pods()).allMatch(JobPods::tracked);
    edit(
        first,
        pod -> new PodBuilder(pod).editMetadata().withLabels(Map.of()).endMetadata().build());
    simulation.settle();
    Pod released = simulation.stored(Pod.class, "default", Meta.name(first)).orElseThrow();
    assertThat(Owners.controller(released)).isEmpty();
    assertThat(JobPods.tracked(released)).isFalse();
  }

  @Test
  void podsOfAJobThatIsGoneAreLetGo() {
    code = pod -> -1;
    begin();
    create(job(2, 2));
    simulation.settle();
    story.delete();
    simulation.settle();
    assertThat(pods()).hasSize(2).noneMatch(JobPods::tracked);
  }

  @Test
  void oneThatSomebodyElseManagesIsLeftAlone() {
    begin();
    create(new JobBuilder(job(1, 1)).editSpec().withManagedBy("example.com/x").endSpec().build());
    simulation.settle();
    assertThat(pods()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void countsEachFailureOfAnIndexOnceWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new JobController());
      code = pod -> JobPods.failures(pod).counted() == 0 ? 1 : 0;
      begin();
      create(
          new JobBuilder(indexed(4, 3))
              .editSpec()
              .withBackoffLimit(100)
              .withBackoffLimitPerIndex(1)
              .endSpec()
              .build());
      Runnable bounds =
          () -> {
            assertThat(story.activePods()).hasSizeLessThanOrEqualTo(3);
            assertThat(pods()).hasSizeLessThanOrEqualTo(8);
          };
      simulation.storm(150, FakeFaults.SOME, bounds);
      simulation.restart();
      simulation.storm(150, FakeFaults.SOME, bounds);
      simulation.settle(bounds);
      simulation.settle(bounds);
      assertThat(conditions()).as(simulation.recent()).contains("Complete");
      assertThat(stored().getStatus().getFailed()).as(simulation.recent()).isEqualTo(4);
      assertThat(stored().getStatus().getCompletedIndexes()).isEqualTo("0-3");
      assertThat(pods()).hasSize(8).allMatch(pod -> Meta.finalizers(pod).isEmpty());
    }
  }

  private void edit(Pod pod, UnaryOperator<Pod> change) {
    Pod current = simulation.stored(Pod.class, "default", Meta.name(pod)).orElseThrow();
    simulation.api().resource(Pod.class).update(change.apply(current));
  }

  private void begin() {
    story = new Story<>(simulation, Job.class);
    simulation
        .actor(new PodLife(simulation))
        .actor(story.ending(pod -> code.applyAsInt(pod)))
        .restart();
  }

  private void create(Job job) {
    story.create(job);
  }

  private void change(UnaryOperator<Job> change) {
    story.change(change);
  }

  private Job stored() {
    return story.stored();
  }

  private List<Pod> pods() {
    return story.pods();
  }

  private List<String> conditions() {
    return stored().getStatus().getConditions().stream().map(JobCondition::getType).toList();
  }

  private static Job indexed(int completions, int parallelism) {
    return new JobBuilder(job(completions, parallelism))
        .editSpec()
        .withCompletionMode("Indexed")
        .endSpec()
        .build();
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
        .withNewSelector()
        .addToMatchLabels("job-name", "work")
        .endSelector()
        .withTemplate(Workloads.once())
        .endSpec()
        .build();
  }
}
