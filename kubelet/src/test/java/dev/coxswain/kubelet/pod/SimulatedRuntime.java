package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container runtime as honest as containerd about what it refuses: names are taken once, only
 * created containers start, only dead ones are removed. It notices every breach of what a kubelet
 * promises.
 */
final class SimulatedRuntime {
  private final Map<String, SandboxView> sandboxes = new LinkedHashMap<>();
  private final Map<String, ContainerView> containers = new LinkedHashMap<>();
  private final Map<String, ResourceRequirements> given = new HashMap<>();
  private final Set<String> ran = new HashSet<>();
  private int ids;

  /** What the runtime answers instead of doing it. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  List<SandboxView> sandboxes() {
    return List.copyOf(sandboxes.values());
  }

  List<ContainerView> containers() {
    return List.copyOf(containers.values());
  }

  List<ContainerView> running() {
    return containers.values().stream().filter(ContainerView::alive).toList();
  }

  void runSandbox(int attempt, Instant now) throws Refused {
    if (sandboxes.values().stream().anyMatch(one -> one.attempt() == attempt)) {
      throw new Refused("sandbox attempt " + attempt + " is reserved");
    }
    String id = "s" + ++ids;
    sandboxes.put(id, new SandboxView(id, attempt, true, now, List.of("10.244.1." + ids)));
  }

  void stopSandbox(String id, Instant now) {
    sandboxDies(id, now);
  }

  /** Takes all containers in it along. */
  void sandboxDies(String id, Instant now) {
    sandboxes.computeIfPresent(
        id,
        (same, one) ->
            new SandboxView(one.id(), one.attempt(), false, one.createdAt(), one.addresses()));
    for (ContainerView container : containers()) {
      if (container.sandboxId().equals(id)) {
        ends(container.id(), 137, now);
      }
    }
  }

  void removeSandbox(String id, Instant now) {
    sandboxDies(id, now);
    sandboxes.remove(id);
    containers.values().removeIf(one -> one.sandboxId().equals(id));
  }

  String create(
      String sandbox, String name, int restarts, Duration backoff, Member member, Instant now)
      throws Refused {
    if (!sandboxes.containsKey(sandbox) || !sandboxes.get(sandbox).ready()) {
      throw new Refused("sandbox " + sandbox + " is not ready");
    }
    if (containers.values().stream()
        .anyMatch(one -> one.name().equals(name) && one.restarts() == restarts)) {
      throw new Refused("container " + name + "_" + restarts + " is reserved");
    }
    String id = "c" + ++ids;
    containers.put(
        id,
        new ContainerView(
            id,
            name,
            sandbox,
            restarts,
            ContainerView.State.CREATED,
            now,
            null,
            null,
            0,
            "",
            "",
            "app:1",
            "sha256:1",
            member.hash(),
            backoff,
            Resizing.wanted(member.container()),
            ContainerView.Setup.UNTOLD));
    given.put(id, Resizing.wanted(member.container()));
    return id;
  }

  void start(String id, Instant now) throws Refused {
    ContainerView one = containers.get(id);
    if (one == null || one.state() != ContainerView.State.CREATED) {
      throw new Refused("container " + id + " is not in created state");
    }
    if (!ran.add(one.name() + "_" + one.restarts())) {
      throw new AssertionError(one.name() + " attempt " + one.restarts() + " ran twice");
    }
    if (running().stream().anyMatch(other -> other.name().equals(one.name()))) {
      throw new AssertionError("two containers named " + one.name() + " run at once");
    }
    containers.put(id, with(one, ContainerView.State.RUNNING, now, null, 0));
  }

  void resize(String id, ResourceRequirements resources) {
    given.replace(id, resources);
  }

  /** Whether every running container of the name has these resources. */
  boolean hasResources(String name, ResourceRequirements resources) {
    return running().stream()
        .filter(one -> one.name().equals(name))
        .allMatch(one -> resources.equals(given.get(one.id())));
  }

  void ends(String id, int exitCode, Instant now) {
    containers.computeIfPresent(
        id,
        (same, one) ->
            one.alive()
                ? with(one, ContainerView.State.EXITED, one.startedAt(), now, exitCode)
                : one);
  }

  void remove(String id) throws Refused {
    ContainerView one = containers.get(id);
    if (one != null && one.alive()) {
      throw new Refused("container " + id + " is running");
    }
    containers.remove(id);
  }

  private static ContainerView with(
      ContainerView one,
      ContainerView.State state,
      @org.jspecify.annotations.Nullable Instant startedAt,
      @org.jspecify.annotations.Nullable Instant finishedAt,
      int exitCode) {
    return new ContainerView(
        one.id(),
        one.name(),
        one.sandboxId(),
        one.restarts(),
        state,
        one.createdAt(),
        startedAt,
        finishedAt,
        exitCode,
        state == ContainerView.State.EXITED ? exitCode == 0 ? "Completed" : "Error" : "",
        "",
        one.image(),
        one.imageId(),
        one.hash(),
        one.backoff(),
        one.resources(),
        one.setup());
  }

  List<String> sandboxIds() {
    return new ArrayList<>(sandboxes.keySet());
  }
}
