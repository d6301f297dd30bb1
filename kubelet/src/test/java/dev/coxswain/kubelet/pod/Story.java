package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Tells a pod's life step by step against the machine: a tiny runtime in which the teller decides
 * what happens to each action.
 */
final class Story {
  static final String HOST = "10.89.0.101";

  private final PodDecider decider;
  private final Map<String, SandboxView> sandboxes = new LinkedHashMap<>();
  private final Map<String, ContainerView> containers = new LinkedHashMap<>();
  private final List<PodAction> open = new ArrayList<>();
  private final List<PodDecision.Remark> remarks = new ArrayList<>();
  private PodMachine machine;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private PodDecision last;
  private int ids;
  private Optional<PendingResize> room = Optional.empty();

  Story(Pod pod) {
    this(pod, PodDecider.LONGEST_BACK_OFF);
  }

  Story(Pod pod, Duration longestBackOff) {
    this(pod, new PodDecider(HOST, longestBackOff), Optional.empty());
  }

  private Story(Pod pod, PodDecider decider, Optional<Ending> refusal) {
    this.decider = decider;
    machine = new PodMachine(decider, pod, now);
    refusal.ifPresent(machine::fail);
    last = machine.step(List.of(), List.of(), now);
    open.addAll(last.actions());
  }

  /** The node does not take the pod. */
  static Story refused(Pod pod, String reason, String message) {
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    return new Story(
        pod,
        new PodDecider(HOST),
        Optional.of(Ending.failed(first, Duration.ofSeconds(30), reason, message)));
  }

  /** The node ends the pod for the sake of others. */
  Story evicted(String message) {
    machine.fail(Ending.disrupted(now, Duration.ofSeconds(1), "Evicted", message, message));
    return decide();
  }

  static Pod pod(String restartPolicy, Container... containers) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("shop")
        .withUid("u1")
        .withGeneration(1L)
        .endMetadata()
        .withNewSpec()
        .withNodeName("n1")
        .withRestartPolicy(restartPolicy)
        .withTerminationGracePeriodSeconds(30L)
        .withContainers(containers)
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }

  static Container container(String name) {
    Container container = new Container();
    container.setName(name);
    container.setImage("app:1");
    return container;
  }

  Story decide() {
    last = machine.step(List.copyOf(sandboxes.values()), List.copyOf(containers.values()), now);
    open.addAll(last.actions());
    remarks.addAll(last.remarks());
    return this;
  }

  Story pass(Duration time) {
    now = now.plus(time);
    return decide();
  }

  /** The kubelet dies: what only it knew is lost, the runtime and the API remain. */
  Story kubeletRestarts() {
    Pod shown = machine.resizeAsked().orElseGet(machine::pod);
    Pod known = new PodBuilder(shown).withStatus(machine.status()).build();
    machine = new PodMachine(decider, known, now);
    open.clear();
    return decide();
  }

  /** Lets every open action succeed, again and again, until nothing is left to do. */
  Story settle() {
    for (int round = 0; round < 50 && !open.isEmpty(); round++) {
      for (PodAction action : List.copyOf(open)) {
        succeed(action);
      }
      machine.recording();
      machine.recorded(true);
      decide();
    }
    return this;
  }

  Story succeed(PodAction action) {
    open.remove(action);
    switch (action) {
      case PodAction.RunSandbox run -> {
        String id = "s" + ++ids;
        sandboxes.put(
            id, new SandboxView(id, run.attempt(), true, now, List.of("10.244.1." + ids)));
      }
      case PodAction.StopSandbox stop ->
          sandboxes.computeIfPresent(stop.id(), (id, one) -> ready(one, false));
      case PodAction.RemoveSandbox remove -> {
        sandboxes.remove(remove.id());
        containers.values().removeIf(one -> one.sandboxId().equals(remove.id()));
      }
      case PodAction.StartContainer start -> {
        String id = "c" + ++ids;
        containers.put(
            id,
            new ContainerView(
                id,
                start.name(),
                start.sandboxId(),
                start.restarts(),
                ContainerView.State.RUNNING,
                now,
                now,
                null,
                0,
                "",
                "",
                "app:1",
                "sha256:1",
                Member.find(machine.pod(), start.name()).orElseThrow().hash(),
                start.backoff(),
                Resizing.wanted(Member.find(machine.pod(), start.name()).orElseThrow().container()),
                ContainerView.Setup.UNTOLD));
      }
      case PodAction.PreStop hook -> {}
      case PodAction.StopContainer stop -> end(stop.id(), 137);
      case PodAction.Resize resize -> {}
      case PodAction.RemoveContainer remove -> containers.remove(remove.id());
      case PodAction.Confirm confirm -> {}
      case PodAction.Prepare prepare -> {}
      case PodAction.Release release -> {}
    }
    machine.completed(action, Optional.empty());
    return this;
  }

  Story fail(PodAction action, String reason, String message, Duration rest) {
    String image = action instanceof PodAction.StartContainer ? "app:1" : "";
    return fail(action, new Failure(reason, message, image, now, now.plus(rest), now.plus(rest)));
  }

  Story fail(PodAction action, Failure failure) {
    open.remove(action);
    machine.completed(action, Optional.of(failure));
    return decide();
  }

  /** The newest container of the name ends. */
  Story ends(String name, int exitCode) {
    end(newest(name).id(), exitCode);
    return decide();
  }

  /** What it leaves as its termination message. */
  Story says(String name, String message) {
    containers.computeIfPresent(newest(name).id(), (same, one) -> one.saying(message));
    return this;
  }

  private void end(String id, int exitCode) {
    containers.computeIfPresent(id, (same, one) -> ended(one, exitCode, now));
  }

  /** The sandbox's pause process dies. */
  Story sandboxDies() {
    sandboxes.replaceAll((id, one) -> ready(one, false));
    return decide();
  }

  Story probed(String name, boolean started, boolean ready) {
    machine.probed(newest(name).id(), new Health(started, ready, null, null));
    return decide();
  }

  Story livenessFails(String name) {
    machine.probed(
        newest(name).id(),
        new Health(
            true, true, "Container " + name + " failed liveness probe, will be restarted", null));
    return decide();
  }

  Story change(UnaryOperator<PodBuilder> change) {
    machine.shown(change.apply(new PodBuilder(machine.pod())).build(), now);
    machine.resizeAsked().ifPresent(wanted -> machine.answered(wanted, room));
    return decide();
  }

  /** What the node says of resizes from here on; nothing where it grants them. */
  Story room(Optional<PendingResize> word) {
    room = word;
    return this;
  }

  /** The node has judged the pod's resize again. */
  Story resizeJudged() {
    machine.answered(machine.resizeAsked().orElseThrow(), room);
    return decide();
  }

  Story deleted() {
    return change(pod ->
        pod.editMetadata()
            .withDeletionTimestamp(now.plusSeconds(30).toString())
            .withDeletionGracePeriodSeconds(30L)
            .endMetadata());
  }

  Story recorded() {
    return recording().recorded(true);
  }

  /** The status is being written; the answer is still to come. */
  Story recording() {
    machine.recording();
    return this;
  }

  Story recorded(boolean taken) {
    machine.recorded(taken);
    return decide();
  }

  /** The API forgot the status. */
  Story lost() {
    machine.unrecord();
    return this;
  }

  /** Whether the API has to be told the status. */
  boolean heldBack() {
    return machine.holdsBack(now).isPresent();
  }

  /** Whether somebody may wait for the status. */
  boolean presses() {
    return machine.presses();
  }

  boolean unrecorded() {
    return machine.unrecorded();
  }

  ContainerView newest(String name) {
    return containers.values().stream()
        .filter(one -> one.name().equals(name))
        .reduce((one, other) -> other.restarts() >= one.restarts() ? other : one)
        .orElseThrow();
  }

  List<PodAction> open() {
    return List.copyOf(open);
  }

  /** What the worker breaks off. */
  List<PodAction> futile() {
    return machine.futile();
  }

  <A extends PodAction> A only(Class<A> type) {
    if (open.size() != 1 || !type.isInstance(open.getFirst())) {
      throw new AssertionError("expected one " + type.getSimpleName() + ", open are " + open);
    }
    return type.cast(open.getFirst());
  }

  List<PodDecision.Remark> remarks() {
    return List.copyOf(remarks);
  }

  PodDecision decision() {
    return last;
  }

  PodStatus status() {
    return last.status();
  }

  ContainerStatus status(String container) {
    return java.util.Objects.requireNonNull(ContainerStatuses.find(last.status(), container));
  }

  String condition(String type) {
    PodCondition found =
        last.status().getConditions().stream()
            .filter(one -> one.getType().equals(type))
            .findFirst()
            .orElseThrow();
    return found.getReason() == null
        ? found.getStatus()
        : found.getStatus() + " " + found.getReason();
  }

  Instant now() {
    return now;
  }

  int sandboxCount() {
    return sandboxes.size();
  }

  long containerCount(String name) {
    return containers.values().stream().filter(one -> one.name().equals(name)).count();
  }

  private static SandboxView ready(SandboxView one, boolean ready) {
    return new SandboxView(one.id(), one.attempt(), ready, one.createdAt(), one.addresses());
  }

  private static ContainerView ended(ContainerView one, int exitCode, Instant at) {
    return new ContainerView(
        one.id(),
        one.name(),
        one.sandboxId(),
        one.restarts(),
        ContainerView.State.EXITED,
        one.createdAt(),
        one.startedAt(),
        at,
        exitCode,
        exitCode == 0 ? "Completed" : "Error",
        one.message(),
        one.image(),
        one.imageId(),
        one.hash(),
        one.backoff(),
        one.resources(),
        one.setup());
  }
}
