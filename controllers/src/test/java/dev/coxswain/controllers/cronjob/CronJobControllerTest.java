package dev.coxswain.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.controllers.job.JobController;
import dev.coxswain.controllers.manager.PodLife;
import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Story;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.FakeFaults;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CronJobControllerTest {
  private Simulation simulation = new Simulation(3, new CronJobController(), new JobController());
  private Story<CronJob> story = new Story<>(simulation, CronJob.class);

  /** With what the Jobs' pods exit; below zero while they go on. */
  private int code = -1;

  @Test
  void aJobEachMinuteNamedByItsMinute() {
    begin();
    story.create(cronJob("Allow"));
    simulation.settle();
    simulation.pass(Duration.ofMinutes(1));
    List<Job> jobs = jobs();
    assertThat(jobs).isNotEmpty();
    Job first = jobs.getFirst();
    String at = stored().getStatus().getLastScheduleTime();
    long minute =
        Duration.between(java.time.Instant.EPOCH, java.time.Instant.parse(at)).toMinutes();
    assertThat(jobs).extracting(Meta::name).contains("tick-" + minute);
    assertThat(Meta.annotations(first))
        .containsKey("batch.kubernetes.io/cronjob-scheduled-timestamp")
        .containsEntry("note", "of the template");
    assertThat(active())
        .containsExactlyInAnyOrderElementsOf(jobs.stream().map(Meta::name).toList());
    assertThat(story.reasons()).contains("SuccessfulCreate").doesNotContain("UnexpectedJob");
  }

  @Test
  void forbidsASecondWhileTheFirstRuns() {
    begin();
    story.create(cronJob("Forbid"));
    minutes(3);
    assertThat(jobs()).hasSize(1);
    assertThat(story.reasons()).contains("JobAlreadyActive");
    code = 0;
    simulation.settle();
    assertThat(story.reasons()).contains("SawCompletedJob");
    assertThat(stored().getStatus().getLastSuccessfulTime()).isNotNull();
    code = -1;
    minutes(1);
    assertThat(jobs()).hasSizeBetween(2, 3);
    assertThat(active()).hasSize(1);
  }

  @Test
  void replacesWhatRuns() {
    begin();
    story.create(cronJob("Replace"));
    minutes(1);
    String first = active().getFirst();
    minutes(2);
    assertThat(active()).hasSize(1).doesNotContain(first);
    assertThat(jobs().stream().filter(job -> !Meta.deleting(job))).hasSize(1);
  }

  @Test
  void aJobOfSomebodyElsesByItsNameHoldsNothingUp() {
    begin();
    story.create(cronJob("Allow"));
    long minute =
        Duration.between(java.time.Instant.EPOCH, simulation.time().now()).toMinutes() + 1;
    simulation
        .api()
        .resource(Job.class)
        .create(
            new JobBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("tick-" + minute)
                .endMetadata()
                .withNewSpec()
                .withSuspend(true)
                .withCompletions(1)
                .withTemplate(Workloads.once())
                .endSpec()
                .build());
    var failures = new AtomicInteger();
    Runnable counting =
        () -> {
          if (simulation.recent().contains("cronjob-controller default/tick fails")) {
            failures.incrementAndGet();
          }
        };
    simulation.settle(counting);
    simulation.time().advance(Duration.ofMinutes(1));
    simulation.settle(counting);
    assertThat(failures).as(simulation.recent()).hasValue(0);
    assertThat(active()).isNotEmpty().doesNotContain("tick-" + minute);
  }

  @Test
  void aSuspendedOneMakesNothing() {
    begin();
    story.create(
        new CronJobBuilder(cronJob("Allow")).editSpec().withSuspend(true).endSpec().build());
    minutes(3);
    assertThat(jobs()).isEmpty();
  }

  @Test
  void keepsOnlySoManyThatEnded() {
    code = 0;
    begin();
    story.create(
        new CronJobBuilder(cronJob("Allow"))
            .editSpec()
            .withSuccessfulJobsHistoryLimit(2)
            .endSpec()
            .build());
    minutes(6);
    assertThat(jobs().stream().filter(job -> !Meta.deleting(job))).hasSize(2);
    assertThat(active()).isEmpty();
  }

  @Test
  void whatIsTooLateIsNotMadeUpFor() {
    begin();
    story.create(
        new CronJobBuilder(cronJob("Allow"))
            .editSpec()
            .withSchedule("0 * * * *")
            .withStartingDeadlineSeconds(60L)
            .withSuspend(true)
            .endSpec()
            .build());
    simulation.settle();
    // To ten past an hour that was missed.
    long second = simulation.time().now().getEpochSecond();
    simulation.pass(Duration.ofSeconds(3600 - second % 3600 + 600));
    story.change(job -> new CronJobBuilder(job).editSpec().withSuspend(false).endSpec().build());
    simulation.settle();
    assertThat(jobs()).isEmpty();
  }

  @Test
  void nonsenseIsToldAndNotTriedAgain() {
    begin();
    story.create(
        new CronJobBuilder(cronJob("Allow")).editSpec().withSchedule("often").endSpec().build());
    simulation.settle();
    assertThat(story.reasons()).containsExactly("UnparseableSchedule");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void oneJobForATimeAndNeverTwoAtOnceWhateverFails(int decade) {
    for (long seed = decade * 10L; seed < decade * 10L + 10; seed++) {
      simulation = new Simulation(seed, new CronJobController(), new JobController());
      story = new Story<>(simulation, CronJob.class);
      code = 0;
      begin();
      story.create(cronJob("Forbid"));
      Runnable oneAtATime =
          () ->
              assertThat(jobs().stream().filter(job -> running(job) && !Meta.deleting(job)))
                  .hasSizeLessThanOrEqualTo(1);
      simulation.storm(150, FakeFaults.SOME, oneAtATime);
      simulation.restart();
      simulation.storm(150, FakeFaults.SOME, oneAtATime);
      minutes(2);
      assertThat(active()).as(simulation.recent()).isEmpty();
      assertThat(stored().getStatus().getLastSuccessfulTime()).as(simulation.recent()).isNotNull();
      assertThat(story.reasons()).as(simulation.recent()).doesNotContain("UnexpectedJob");
    }
  }

  private static boolean running(Job job) {
    return job.getStatus() == null || Meta.list(job.getStatus().getConditions()).isEmpty();
  }

  private void begin() {
    simulation.actor(new PodLife(simulation)).actor(story.ending(pod -> code)).restart();
  }

  private void minutes(int count) {
    for (int i = 0; i < count; i++) {
      simulation.pass(Duration.ofSeconds(60));
    }
  }

  private CronJob stored() {
    return story.stored();
  }

  private List<Job> jobs() {
    return simulation.stored(Job.class);
  }

  private List<String> active() {
    return stored().getStatus().getActive().stream().map(ObjectReference::getName).toList();
  }

  private static CronJob cronJob(String concurrency) {
    return new CronJobBuilder()
        .withNewMetadata()
        .withName("tick")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withSchedule("* * * * *")
        .withConcurrencyPolicy(concurrency)
        .withSuccessfulJobsHistoryLimit(3)
        .withFailedJobsHistoryLimit(1)
        .withNewJobTemplate()
        .withNewMetadata()
        .addToAnnotations("note", "of the template")
        .endMetadata()
        .withNewSpec()
        .withCompletions(1)
        .withParallelism(1)
        .withBackoffLimit(6)
        .withNewSelector()
        .addToMatchExpressions(
            new LabelSelectorRequirementBuilder()
                .withKey("job-name")
                .withOperator("Exists")
                .build())
        .endSelector()
        .withTemplate(Workloads.once())
        .endSpec()
        .endJobTemplate()
        .endSpec()
        .build();
  }
}
