package dev.coxswain.scheduler.binding;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.DeleteOptions;
import dev.coxswain.runtime.client.Patch;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Time;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.model.PodInfo;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells pods why they wait, and evicts others where that helps. Only the latest report on a pod is
 * carried out, so no more than one waits for each pod; few workers keep the API server's load low.
 */
public final class PodReports implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodReports.class);

  /** Reports that are carried out at the same time. */
  private static final int WORKERS = 8;

  /** Who was to make room, while the API server was away, is told so again after this. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** So often; an API server that is away for longer finds the pod tried again, too. */
  private static final int MAX_TRIES = 30;

  private static final String SCHEDULED = "PodScheduled";

  private final ResourceClient<Pod> pods;
  private final Function<ObjectKey, Optional<Pod>> known;
  private final Announcer announcer;
  private final Time time;

  private final Object lock = new Object();
  private final Map<ObjectKey, Report> waiting = new LinkedHashMap<>();

  /** The pods whose reports are being carried out: one at a time for each, in their order. */
  private final Set<ObjectKey> underWay = new HashSet<>();

  /** Reports that are tried again after a pause, unless there is news. */
  private final Map<ObjectKey, Report> postponed = new HashMap<>();

  private int working;
  private boolean closed;

  /**
   * What to tell a pod.
   *
   * @param tries how often that was tried before
   */
  private record Report(PodInfo pod, String reason, String message, Remedy remedy, int tries) {
    Report again() {
      return new Report(pod, reason, message, remedy, tries + 1);
    }
  }

  /**
   * Reports through this client.
   *
   * @param known a pod as it was last heard of, so that nothing is told twice
   */
  public PodReports(
      ResourceClient<Pod> pods,
      Function<ObjectKey, Optional<Pod>> known,
      Announcer announcer,
      Time time) {
    this.pods = pods;
    this.known = known;
    this.announcer = announcer;
    this.time = time;
  }

  /** Tells that a pod fits nowhere, and does what the remedy says; returns at once. */
  public void unfit(PodInfo pod, String message, Remedy remedy) {
    announcer.event(pod.schedulerName(), pod, true, "FailedScheduling", message);
    put(new Report(pod, "Unschedulable", message, remedy, 0));
  }

  /** Tells that an attempt failed by no fault of the pod's; returns at once. */
  public void failed(PodInfo pod, String message) {
    announcer.event(pod.schedulerName(), pod, true, "FailedScheduling", message);
    put(new Report(pod, "SchedulerError", message, new Remedy.Wait(""), 0));
  }

  private void put(Report report) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      postponed.remove(report.pod().key());
      waiting.remove(report.pod().key());
      waiting.put(report.pod().key(), report);
      if (working < WORKERS) {
        working++;
        Thread.ofVirtual().name("pod-reports").start(this::work);
      }
    }
  }

  /** Tries a report again later; nothing else may happen that has the pod make room before long. */
  private void postpone(Report report) {
    synchronized (lock) {
      if (closed || waiting.containsKey(report.pod().key())) {
        return;
      }
      postponed.put(report.pod().key(), report);
    }
    time.after(PAUSE, () -> resume(report));
  }

  private void resume(Report report) {
    synchronized (lock) {
      if (postponed.remove(report.pod().key(), report)) {
        put(report);
      }
    }
  }

  /**
   * Takes back what has not been told, and returns once nothing is being told: that the pod fits
   * nowhere must not be written after it has found a node.
   */
  public void withdraw(ObjectKey pod) throws InterruptedException {
    synchronized (lock) {
      waiting.remove(pod);
      while (underWay.contains(pod)) {
        lock.wait();
      }
      postponed.remove(pod);
    }
  }

  private void work() {
    while (true) {
      Report report;
      synchronized (lock) {
        Optional<Report> next = next();
        if (closed || next.isEmpty()) {
          working--;
          return;
        }
        report = next.get();
        waiting.remove(report.pod().key());
        underWay.add(report.pod().key());
      }
      try {
        carryOut(report);
      } catch (ApiException e) {
        // The pod may be gone by now; if not, its next attempt tells it again.
        log.debug("pod {} was not told: {}", report.pod().key(), e.getMessage());
        if (report.remedy() instanceof Remedy.Evict && passes(e) && report.tries() < MAX_TRIES) {
          postpone(report.again());
        }
      } catch (RuntimeException e) {
        log.error("pod {} was not told", report.pod().key(), e);
      } finally {
        synchronized (lock) {
          underWay.remove(report.pod().key());
          lock.notifyAll();
        }
      }
    }
  }

  /** Whether the same call may succeed a moment later. */
  private static boolean passes(ApiException failure) {
    return switch (failure.status().reason()) {
      case SERVICE_UNAVAILABLE,
          TIMEOUT,
          SERVER_TIMEOUT,
          TOO_MANY_REQUESTS,
          INTERNAL_ERROR,
          UNKNOWN ->
          true;
      default -> false;
    };
  }

  /** The oldest that is of no pod whose report is under way: whoever ends that looks again. */
  private Optional<Report> next() {
    return waiting.values().stream()
        .filter(report -> !underWay.contains(report.pod().key()))
        .findFirst();
  }

  private void carryOut(Report report) {
    if (report.remedy() instanceof Remedy.Evict(String node, var victims)) {
      // First the claim, then the evictions: after a restart the room is still the pod's.
      tell(report, node);
      // Who goes already does so for a reason of its own.
      victims.stream()
          .filter(victim -> !goes(victim))
          .forEach(victim -> evict(victim, report.pod(), node));
    } else {
      tell(report, report.remedy() instanceof Remedy.None ? "" : null);
    }
  }

  private boolean goes(PodInfo victim) {
    return victim.state() == PodInfo.State.TERMINATING
        || lastHeardOf(victim)
            .filter(pod -> pod.getMetadata().getDeletionTimestamp() != null)
            .isPresent();
  }

  private Optional<Pod> lastHeardOf(PodInfo pod) {
    return known.apply(pod.key()).filter(there -> pod.uid().equals(there.getMetadata().getUid()));
  }

  /** Which state of the pod's spec a condition is about. */
  private static void observed(ObjectNode condition, Optional<Pod> pod) {
    pod.map(there -> there.getMetadata().getGeneration())
        .ifPresent(generation -> condition.put("observedGeneration", generation));
  }

  /**
   * Writes condition and nomination where they are not so already.
   *
   * @param nominated the node, empty for none, null to leave it
   */
  private void tell(Report report, @Nullable String nominated) {
    Optional<Pod> pod = lastHeardOf(report.pod());
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    Optional<PodCondition> present = pod.flatMap(PodReports::scheduled);
    boolean told =
        present
            .filter(condition ->
                "False".equals(condition.getStatus())
                    && report.reason().equals(condition.getReason())
                    && report.message().equals(condition.getMessage())
                    && Objects.equals(
                        condition.getObservedGeneration(),
                        pod.map(there -> there.getMetadata().getGeneration()).orElse(null)))
            .isPresent();
    if (!told) {
      ObjectNode condition = status.putArray("conditions").addObject();
      condition.put("type", SCHEDULED);
      condition.put("status", "False");
      condition.put("reason", report.reason());
      condition.put("message", report.message());
      observed(condition, pod);
      if (present.filter(now -> "False".equals(now.getStatus())).isEmpty()) {
        condition.put("lastTransitionTime", now());
      }
    }
    String before =
        pod.map(Pod::getStatus)
            .map(now -> now.getNominatedNodeName() == null ? "" : now.getNominatedNodeName())
            .orElse("");
    if (nominated != null && !nominated.equals(before)) {
      if (nominated.isEmpty()) {
        status.putNull("nominatedNodeName");
      } else {
        status.put("nominatedNodeName", nominated);
      }
    }
    if (!status.isEmpty()) {
      patchStatus(report.pod(), status);
    }
  }

  private static Optional<PodCondition> scheduled(Pod pod) {
    return pod.getStatus() == null || pod.getStatus().getConditions() == null
        ? Optional.empty()
        : pod.getStatus().getConditions().stream()
            .filter(condition -> SCHEDULED.equals(condition.getType()))
            .findFirst();
  }

  private void evict(PodInfo victim, PodInfo pod, String node) {
    try {
      ObjectNode status = JsonNodeFactory.instance.objectNode();
      ObjectNode condition = status.putArray("conditions").addObject();
      condition.put("type", "DisruptionTarget");
      condition.put("status", "True");
      condition.put("reason", "PreemptionByScheduler");
      condition.put(
          "message", pod.schedulerName() + ": preempting to accommodate a higher priority pod");
      condition.put("lastTransitionTime", now());
      observed(condition, lastHeardOf(victim));
      patchStatus(victim, status);
      pods.delete(victim.key(), DeleteOptions.uid(victim.uid()));
      announcer.event(
          pod.schedulerName(),
          victim,
          false,
          "Preempted",
          "Preempted by pod " + pod.uid() + " on node " + node);
      log.info("pod {} goes from node {} to make room for {}", victim.key(), node, pod.key());
    } catch (ApiException e) {
      if (!e.is(StatusReason.NOT_FOUND) && !e.is(StatusReason.CONFLICT)) {
        throw e;
      }
    }
  }

  private String now() {
    return time.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Refused where another pod has got the name meanwhile. */
  private void patchStatus(PodInfo pod, ObjectNode status) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putObject("metadata").put("uid", pod.uid());
    body.set("status", status);
    pods.patchStatus(pod.key(), new Patch.Strategic(body.toString()));
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      waiting.clear();
      postponed.clear();
    }
  }
}
