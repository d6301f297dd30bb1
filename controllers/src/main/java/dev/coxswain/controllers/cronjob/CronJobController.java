package dev.coxswain.controllers.cronjob;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes a Job at each time of the schedule, and keeps the last few that ended. */
public final class CronJobController implements Reconciler<CronJob> {
  private static final String SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp";

  /** A little late rather than a little early: clocks of the schedule's minute may differ. */
  private static final Duration LATER = Duration.ofMillis(100);

  private static final int MANY_MISSED = 100;

  @Override
  public String name() {
    return "cronjob-controller";
  }

  @Override
  public Watches<CronJob> watches() {
    return Watches.of(CronJob.class).owned(Job.class);
  }

  @Override
  public Outcome reconcile(CronJob wanted, View view, Actions act) {
    List<Job> jobs =
        view.controlledBy(Job.class, Meta.uid(wanted)).stream()
            .sorted(Comparator.comparing(Meta::name))
            .toList();
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    var children = new Children(wanted, jobs);
    Instant now = view.now();
    Optional<Schedule> schedule = schedule(wanted, act);
    boolean runs = schedule.isPresent() && !Boolean.TRUE.equals(wanted.getSpec().getSuspend());
    Optional<Instant> due =
        runs ? schedule.get().latest(earliest(wanted, now), now) : Optional.empty();
    children.refresh(due.map(time -> jobName(wanted, time)).orElse(""), act);
    Optional<Instant> started =
        due.isEmpty()
            ? Optional.empty()
            : start(wanted, schedule.get(), due.get(), children, now, act);
    children.truncate(act);
    update(wanted, children, started, act);
    return runs
        ? schedule
            .flatMap(times -> times.next(from(wanted, times, started, now)))
            .map(next -> Outcome.again(Duration.between(now, next).plus(LATER)))
            .orElse(Outcome.done())
        : Outcome.done();
  }

  /** The schedule; empty, and told, where it makes no sense: nothing but a change mends that. */
  private static Optional<Schedule> schedule(CronJob wanted, Actions act) {
    String zone = Meta.text(wanted.getSpec().getTimeZone());
    ZoneId zoneId = ZoneOffset.UTC;
    try {
      if (!zone.isEmpty()) {
        zoneId = ZoneId.of(zone);
      }
    } catch (DateTimeException unknown) {
      act.warning(
          wanted,
          "UnknownTimeZone",
          "invalid timeZone: \"" + zone + "\": unknown time zone " + zone);
      return Optional.empty();
    }
    try {
      return Optional.of(Schedule.parse(wanted.getSpec().getSchedule(), zoneId));
    } catch (IllegalArgumentException malformed) {
      act.warning(
          wanted,
          "UnparseableSchedule",
          "unparseable schedule: \""
              + wanted.getSpec().getSchedule()
              + "\" : "
              + malformed.getMessage());
      return Optional.empty();
    }
  }

  /** After what time a scheduled one counts. */
  private static Instant earliest(CronJob wanted, Instant now) {
    Instant since = lastSchedule(wanted).orElseGet(() -> Meta.created(wanted));
    Long deadline = wanted.getSpec().getStartingDeadlineSeconds();
    Instant limit = deadline == null ? Instant.MIN : now.minusSeconds(deadline);
    return since.isAfter(limit) ? since : limit;
  }

  /** From where the next time is counted: a constant pause runs from the time before. */
  private static Instant from(
      CronJob wanted, Schedule schedule, Optional<Instant> started, Instant now) {
    return switch (schedule) {
      case Schedule.Fields fields -> now;
      case Schedule.Every(Duration pause) -> {
        Instant since =
            started.or(() -> lastSchedule(wanted)).orElseGet(() -> Meta.created(wanted));
        yield schedule.latest(since, now).orElse(since);
      }
    };
  }

  /** Makes the Job that is due, as far as the policies let it; the time that is then dealt with. */
  private static Optional<Instant> start(
      CronJob wanted, Schedule schedule, Instant due, Children children, Instant now, Actions act) {
    String name = jobName(wanted, due);
    if (children.active().stream().anyMatch(reference -> name.equals(reference.getName()))) {
      return Optional.empty();
    }
    if (missed(schedule, earliest(wanted, now), now) > MANY_MISSED) {
      act.warning(
          wanted,
          "TooManyMissedTimes",
          "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check"
              + " clock skew");
    }
    Optional<Job> existing = children.named(name);
    if (existing.isEmpty() && !children.active().isEmpty()) {
      switch (Meta.text(wanted.getSpec().getConcurrencyPolicy())) {
        case "Forbid" -> {
          act.normal(
              wanted,
              "JobAlreadyActive",
              "Not starting job because prior execution is running and concurrency policy is"
                  + " Forbid");
          return Optional.empty();
        }
        case "Replace" -> children.replace(act);
        default -> {}
      }
    }
    // One that is there was made before the status could be written.
    Optional<Job> job = existing.isPresent() ? existing : create(wanted, due, name, act);
    job.ifPresent(children::add);
    return job.map(started -> due);
  }

  /** How many times were missed, counted no further than matters. */
  private static int missed(Schedule schedule, Instant after, Instant until) {
    int count = 0;
    Optional<Instant> time = schedule.next(after);
    while (time.isPresent() && !time.get().isAfter(until) && count <= MANY_MISSED) {
      count++;
      time = schedule.next(time.get());
    }
    return count;
  }

  /** Makes the Job; empty where somebody else's has its name, which is then left alone. */
  private static Optional<Job> create(CronJob wanted, Instant due, String name, Actions act) {
    try {
      Job job = act.create(job(wanted, due, name));
      act.normal(wanted, "SuccessfulCreate", "Created job " + name);
      return Optional.of(job);
    } catch (ApiException refused) {
      if (!refused.is(StatusReason.ALREADY_EXISTS)) {
        act.warning(wanted, "FailedCreate", "Error creating job: " + refused.getMessage());
        throw refused;
      }
      return act.live(Job.class, new ObjectKey(Meta.namespace(wanted), name))
          .filter(found -> Owners.controls(wanted, found));
    }
  }

  private static Job job(CronJob wanted, Instant due, String name) {
    var template = wanted.getSpec().getJobTemplate();
    var metadata = template.getMetadata();
    var annotations =
        new TreeMap<String, String>(
            metadata == null ? Map.of() : Meta.map(metadata.getAnnotations()));
    String zone = Meta.text(wanted.getSpec().getTimeZone());
    annotations.put(
        SCHEDULED_AT,
        DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
            due.atZone(zone.isEmpty() ? ZoneOffset.UTC : ZoneId.of(zone))));
    return new JobBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(Meta.namespace(wanted))
        .withLabels(metadata == null ? Map.of() : Meta.map(metadata.getLabels()))
        .withAnnotations(annotations)
        .withOwnerReferences(Owners.controllerReference(wanted))
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  /** A time has one name, so that a Job is made once whatever crashes. */
  private static String jobName(CronJob wanted, Instant due) {
    return Meta.name(wanted) + "-" + Duration.between(Instant.EPOCH, due).toMinutes();
  }

  private static void update(
      CronJob wanted, Children children, Optional<Instant> started, Actions act) {
    CronJobStatus before = wanted.getStatus() == null ? new CronJobStatus() : wanted.getStatus();
    var after = new CronJobStatusBuilder(before).withActive(children.active());
    started.ifPresent(time -> after.withLastScheduleTime(Meta.timestamp(time)));
    children
        .lastSuccess()
        .filter(time ->
            Meta.time(before.getLastSuccessfulTime())
                .filter(last -> !last.isBefore(time))
                .isEmpty())
        .ifPresent(time -> after.withLastSuccessfulTime(Meta.timestamp(time)));
    CronJobStatus status = after.build();
    if (!status.equals(before)) {
      act.updateStatus(new CronJobBuilder(wanted).withStatus(status).build());
    }
  }

  private static Optional<Instant> lastSchedule(CronJob wanted) {
    return wanted.getStatus() == null
        ? Optional.empty()
        : Meta.time(wanted.getStatus().getLastScheduleTime());
  }
}
