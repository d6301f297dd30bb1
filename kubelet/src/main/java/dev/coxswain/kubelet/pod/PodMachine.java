package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One pod's memory between decisions: news come in by its methods, {@link #step} makes the view and
 * decides. Owned by one thread. What it remembers may be lost at any time; the next one starts from
 * the runtime and the API alone.
 */
public final class PodMachine {
  /** The reasons for which the node ends a pod for the sake of others. */
  private static final Set<String> DISRUPTED = Set.of("Evicted", "Preempting", "Terminated");

  /**
   * How long a status may wait for a container that takes another's place. Upstream's node looks
   * once a second, and tells of the new one alone where it is there by then.
   */
  private static final Duration REPLACEMENT = Duration.ofSeconds(1);

  /**
   * How long the status of a pod that is deleted and of which nothing runs any more may wait for
   * its last word, which comes when its sandbox has stopped.
   */
  private static final Duration LAST_WORD = Duration.ofSeconds(1);

  private final PodDecider decider;
  private final StatusRecord record;
  private final Map<String, Failure> startFailures = new HashMap<>();
  private final Map<String, Health> health = new HashMap<>();
  private final Map<String, ResourceRequirements> resized = new HashMap<>();

  /** What comes after containers that were stopped, by their ids. */
  private final Map<String, PodAction.Successor> successors = new HashMap<>();

  /** Bounded by the pod's containers and sandboxes: what has rested is dropped. */
  private final Map<String, Failure> resting = new HashMap<>();

  private final Set<String> stoppedSandboxes = new HashSet<>();

  /** The containers whose preStop hooks have run though they are still to be stopped. */
  private final Set<String> preStopped = new HashSet<>();

  private final Map<String, PodAction> inFlight = new HashMap<>();

  /** The keys of those under way that were given more time than the pod has by now. */
  private final Set<String> overlong = new HashSet<>();

  private final Map<String, String> told = new HashMap<>();

  /** As the API shows it. */
  private Pod asked;

  /** With the resources that it was given. */
  private Pod pod;

  private PodStatus status;
  private @Nullable Ending ending;
  private @Nullable Failure prepareFailure;
  private @Nullable Failure sandboxFailure;
  private @Nullable Failure confirmFailure;
  private @Nullable Failure resizeFailure;
  private @Nullable PendingResize pendingResize;
  private boolean prepared;

  /** What the volumes waited for came while they were being looked at. */
  private boolean preparedTooEarly;

  private boolean released;
  private boolean confirmed;
  private int nextSandboxAttempt;
  private @Nullable Instant replacedSince;
  private @Nullable Instant leavingSince;

  /** Whether the pod's end waits for nothing but that its status is known. */
  private boolean endWaits;

  /** A machine for a pod that the API (or a manifest) shows. */
  public PodMachine(PodDecider decider, Pod pod, Instant now) {
    this.decider = decider;
    this.asked = pod;
    this.pod = Allocation.remembered(pod);
    this.status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
    this.record = new StatusRecord(status);
    // It may have been deleted while nobody was here: then part of its grace is gone already.
    deletion(pod)
        .ifPresent(asked -> ending = Ending.deleted(asked.isAfter(now) ? now : asked, grace()));
    if (ending == null
        && status.getReason() != null
        && DISRUPTED.contains(status.getReason())
        && !PodDecider.terminal(status)) {
      // An earlier kubelet was about to end it; the condition is in the status already.
      ending = Ending.failed(now, grace(), status.getReason(), status.getMessage());
    }
  }

  /** The pod's current object, with the resources that it was given. */
  public Pod pod() {
    return pod;
  }

  /** The status of the last decision. */
  public PodStatus status() {
    return status;
  }

  /** The API shows the pod anew. */
  public void shown(Pod newer, Instant now) {
    asked = newer;
    pod = Allocation.of(newer, pod);
    if (Allocation.same(asked, pod)) {
      pendingResize = null;
    }
    adoptForeign(newer);
    // A node that was silent for a while has its pods marked unready, and here speaks for them.
    record.shown(newer.getStatus());
    if (newer.getMetadata().getDeletionTimestamp() != null) {
      if (ending == null || !ending.deleted()) {
        hurry(Ending.deleted(now, grace()), now);
      } else if (grace().compareTo(ending.grace()) < 0) {
        hurry(Ending.deleted(ending.since(), grace()), now);
      }
    }
  }

  /** From here on the pod ends so: what was begun with more time is broken off, and begun anew. */
  private void hurry(Ending sooner, Instant now) {
    ending = sooner;
    Duration left = sooner.remaining(now);
    for (PodAction action : inFlight.values()) {
      Duration given =
          switch (action) {
            case PodAction.StopContainer stop -> stop.grace();
            case PodAction.PreStop hook -> hook.grace();
            default -> Duration.ZERO;
          };
      if (given.compareTo(left) > 0) {
        overlong.add(action.key());
      }
    }
  }

  /** The pod with the resources that it asks for, where it was given others. */
  public Optional<Pod> resizeAsked() {
    return Allocation.same(asked, pod) || ends() ? Optional.empty() : Optional.of(asked);
  }

  /** Why it has not got them. */
  public Optional<PendingResize> pendingResize() {
    return Optional.ofNullable(pendingResize);
  }

  /**
   * The node's word on a resize.
   *
   * @param wanted the pod with the resources it asked for
   * @param why they are not given to it; empty where they are
   */
  public void answered(Pod wanted, Optional<PendingResize> why) {
    if (why.isEmpty()) {
      pod = Allocation.of(asked, wanted);
      resizeFailure = null;
    }
    // An answer to what is no longer asked for says nothing of what is.
    if (Allocation.same(asked, wanted)) {
      pendingResize = why.orElse(null);
    }
  }

  /** Conditions that others write count for readiness; they are theirs, and so is the newest. */
  private void adoptForeign(Pod newer) {
    if (newer.getStatus() != null) {
      status =
          new PodStatusBuilder(status)
              .withConditions(
                  Conditions.adopt(status.getConditions(), newer.getStatus().getConditions()))
              .build();
    }
  }

  /** The API no longer has the pod: it stops, and nobody waits for its status. */
  public void gone(Instant now) {
    confirmed = true;
    if (ending == null || !ending.deleted()) {
      ending = Ending.deleted(now, grace());
    }
  }

  /** The node ends the pod as failed. */
  public void fail(Ending failed) {
    if (ending == null) {
      ending = failed;
    }
  }

  /** What volumes may have waited for has come: those that are not there are tried again. */
  public void volumesChanged() {
    if (inFlight.containsKey(new PodAction.Prepare().key())) {
      preparedTooEarly = true;
    } else {
      prepareFailure = null;
    }
  }

  /** The probes' newest word on a container. */
  public void probed(String containerId, Health newest) {
    health.put(containerId, newest);
  }

  /** Whether the pod is to stop. */
  public boolean ends() {
    return ending != null || PodDecider.terminal(status);
  }

  /** An action came to its end; the failure tells why it did not do what it should. */
  public void completed(PodAction action, Optional<Failure> failure) {
    inFlight.remove(action.key());
    @Nullable Failure why = failure.orElse(null);
    boolean brokenOff = overlong.remove(action.key());
    if (why != null && action.undoes() && !brokenOff) {
      resting.put(action.key(), why);
    }
    switch (action) {
      case PodAction.Prepare prepare -> {
        prepared = why == null;
        prepareFailure = preparedTooEarly ? null : why;
        preparedTooEarly = false;
      }
      case PodAction.RunSandbox run -> {
        sandboxFailure = why;
        nextSandboxAttempt = Math.max(nextSandboxAttempt, run.attempt() + 1);
      }
      case PodAction.StopSandbox stop -> {
        if (why == null) {
          stoppedSandboxes.add(stop.id());
        }
      }
      case PodAction.StartContainer start -> {
        if (why == null) {
          startFailures.remove(start.name());
        } else if (ending == null) {
          startFailures.put(start.name(), why);
        }
      }
      case PodAction.Release release -> released = why == null;
      case PodAction.Confirm confirm -> {
        confirmed = why == null;
        confirmFailure = why;
      }
      case PodAction.Resize resize -> {
        resizeFailure = why;
        if (why == null) {
          resize.targets().forEach(target -> resized.put(target.id(), target.resources()));
        }
      }
      case PodAction.PreStop hook -> preStopped.add(hook.id());
      case PodAction.StopContainer stop -> {}
      case PodAction.RemoveContainer remove -> {}
      case PodAction.RemoveSandbox remove -> {}
    }
  }

  /** The newest status, which is written from here on; {@link #recorded} tells of the end. */
  public PodStatus recording() {
    record.begin(status);
    return status;
  }

  /** The write has ended; the API has taken the status or has not. */
  public void recorded(boolean taken) {
    record.end(taken);
  }

  /** The API lost the status. */
  public void unrecord() {
    record.forget();
  }

  /**
   * Until when a new status need not be written, because a container of another definition is about
   * to take the place of the old one, or because the pod's last status is about to come.
   */
  public Optional<Instant> holdsBack(Instant now) {
    return Optional.ofNullable(replacedSince)
        .map(since -> since.plus(REPLACEMENT))
        .or(() -> Optional.ofNullable(leavingSince).map(since -> since.plus(LAST_WORD)))
        .filter(now::isBefore);
  }

  /** Whether somebody may wait for the newest status; where not, it may come with later news. */
  public boolean presses() {
    boolean fails = prepareFailure != null || sandboxFailure != null;
    return endWaits || fails || record.presses(status);
  }

  /** Whether everything of the pod has stopped and what it held is given back. */
  public boolean released() {
    return released;
  }

  /** Whether the API still has to be told the newest status. */
  public boolean unrecorded() {
    return !confirmed && !record.has(status);
  }

  /** Decides; the decision's actions count as under way from here on. */
  public PodDecision step(
      List<SandboxView> sandboxes, List<ContainerView> containers, Instant now) {
    sandboxes.forEach(one -> nextSandboxAttempt = Math.max(nextSandboxAttempt, one.attempt() + 1));
    stoppedSandboxes.retainAll(sandboxes.stream().map(SandboxView::id).toList());
    List<String> ids = containers.stream().map(ContainerView::id).toList();
    health.keySet().retainAll(ids);
    resized.keySet().retainAll(ids);
    successors.keySet().retainAll(ids);
    preStopped.retainAll(ids);
    resting.values().removeIf(failure -> !now.isBefore(failure.retryAt()));
    boolean creating = inFlight.values().stream().anyMatch(PodAction::creates);
    PodView view =
        new PodView(
            pod,
            status,
            Optional.ofNullable(ending),
            sandboxes,
            Remembered.complete(pod, status, containers, now),
            prepared,
            Optional.ofNullable(prepareFailure),
            Optional.ofNullable(sandboxFailure),
            Map.copyOf(startFailures),
            Map.copyOf(health),
            Map.copyOf(successors),
            Map.copyOf(resized),
            Optional.ofNullable(resizeFailure),
            Optional.ofNullable(pendingResize),
            Map.copyOf(resting),
            Set.copyOf(stoppedSandboxes),
            Set.copyOf(preStopped),
            nextSandboxAttempt,
            released,
            confirmed,
            Optional.ofNullable(confirmFailure),
            Set.copyOf(inFlight.keySet()),
            creating);
    PodDecision decision = decider.decide(view, now);
    // Of what is taken away at the end, and of what is left when half is, the last word stands.
    boolean last = leaves() && PodDecider.terminal(status) && nothingRuns(status);
    status = last ? status : decision.status();
    List<PodAction> actions = new ArrayList<>(decision.actions());
    // The last status must be known before the pod, or what it tells of, may vanish.
    endWaits = leaves() && released && unrecorded();
    if (endWaits) {
      actions.removeIf(PodAction::forgets);
    }
    actions.forEach(this::begin);
    boolean replaces = ending == null && containers.stream().anyMatch(one -> goes(one, containers));
    if (!replaces) {
      replacedSince = null;
    } else if (replacedSince == null) {
      replacedSince = now;
    }
    boolean soonGone =
        leaves()
            && containers.stream().noneMatch(ContainerView::alive)
            && !PodDecider.terminal(status);
    leavingSince = soonGone ? Objects.requireNonNullElse(leavingSince, now) : null;
    return new PodDecision(
        actions, status, untold(decision.remarks()), decision.wakeAt(), decision.done());
  }

  private boolean leaves() {
    return ending != null && ending.deleted();
  }

  private static boolean nothingRuns(PodStatus status) {
    return Stream.of(
            status.getInitContainerStatuses(),
            status.getContainerStatuses(),
            status.getEphemeralContainerStatuses())
        .flatMap(List::stream)
        .noneMatch(one -> one.getState() != null && one.getState().getRunning() != null);
  }

  private void begin(PodAction action) {
    inFlight.put(action.key(), action);
    if (action instanceof PodAction.StopContainer stop) {
      successors.put(stop.id(), stop.successor());
    }
  }

  /** Whether a container is being stopped, or its successor started, for its changed definition. */
  private boolean goes(ContainerView container, List<ContainerView> all) {
    String name = container.name();
    return !container.hash().isEmpty()
        && inFlight.values().stream().anyMatch(action -> at(action, container))
        && all.stream()
            .noneMatch(one -> one.name().equals(name) && one.restarts() > container.restarts())
        && Member.find(pod, name).stream().noneMatch(it -> it.hash().equals(container.hash()));
  }

  private static boolean at(PodAction action, ContainerView container) {
    return switch (action) {
      case PodAction.StopContainer stop -> stop.id().equals(container.id());
      case PodAction.StartContainer start -> start.name().equals(container.name());
      default -> false;
    };
  }

  /**
   * Actions under way that make something for a pod that is to stop, or take longer to stop it than
   * they may.
   */
  public List<PodAction> futile() {
    return ending == null
        ? List.of()
        : inFlight.values().stream()
            .filter(action -> action.creates() || overlong.contains(action.key()))
            .toList();
  }

  private List<PodDecision.Remark> untold(List<PodDecision.Remark> remarks) {
    List<PodDecision.Remark> fresh = new ArrayList<>();
    for (PodDecision.Remark remark : remarks) {
      String kind = remark.container() + "/" + remark.reason();
      if (!remark.once().equals(told.put(kind, remark.once()))) {
        fresh.add(remark);
      }
    }
    return fresh;
  }

  /** When the API was asked to delete the pod. */
  private static Optional<Instant> deletion(Pod pod) {
    String timestamp = pod.getMetadata().getDeletionTimestamp();
    Long seconds = pod.getMetadata().getDeletionGracePeriodSeconds();
    return Optional.ofNullable(timestamp)
        .map(at -> Instant.parse(at).minusSeconds(seconds == null ? 0 : seconds));
  }

  private Duration grace() {
    Long seconds = pod.getMetadata().getDeletionGracePeriodSeconds();
    return seconds == null ? PodDecider.grace(pod) : Duration.ofSeconds(Math.max(0, seconds));
  }
}
