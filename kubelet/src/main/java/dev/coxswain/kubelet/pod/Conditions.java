package dev.coxswain.kubelet.pod;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The pod's conditions: the kubelet's own written anew, everybody else's kept. */
public final class Conditions {
  private static final Set<String> OWN =
      Set.of(
          "PodReadyToStartContainers",
          "Initialized",
          "Ready",
          "ContainersReady",
          "PodScheduled",
          "PodResizePending",
          "PodResizeInProgress");

  private static final String DISRUPTION = "DisruptionTarget";
  private static final String TERMINATION = "TerminationByKubelet";

  private final PodView view;
  private final PodStatus status;
  private final List<String> incomplete;
  private final Instant now;

  Conditions(PodView view, PodStatus status, List<String> incomplete, Instant now) {
    this.view = view;
    this.status = status;
    this.incomplete = incomplete;
    this.now = now;
  }

  /** A condition's value with why. */
  private record Finding(boolean met, @Nullable String reason, @Nullable String message) {
    static final Finding MET = new Finding(true, null, null);
  }

  List<PodCondition> write(Optional<Ending> ending) {
    Finding containersReady = containersReady();
    List<PodCondition> conditions = new ArrayList<>();
    conditions.add(condition("PodReadyToStartContainers", readyToStart()));
    conditions.add(condition("Initialized", isInitialized()));
    conditions.add(condition("Ready", ready(containersReady)));
    conditions.add(condition("ContainersReady", containersReady));
    conditions.add(condition("PodScheduled", Finding.MET));
    resizing(conditions);
    String disruption = ending.map(Ending::disruption).orElse("");
    if (!disruption.isEmpty()) {
      conditions.add(condition(DISRUPTION, new Finding(true, TERMINATION, disruption)));
    }
    for (PodCondition other : view.status().getConditions()) {
      if (!OWN.contains(other.getType())
          && !(other.getType().equals(DISRUPTION) && !disruption.isEmpty())) {
        conditions.add(other);
      }
    }
    return conditions;
  }

  /** Only there while a resize waits or is under way. */
  private void resizing(List<PodCondition> conditions) {
    if (PodDecider.terminal(status)) {
      return;
    }
    view.pendingResize()
        .map(why -> new Finding(true, why.reason().text(), why.message()))
        .ifPresent(pending -> conditions.add(condition("PodResizePending", pending)));
    if (!Resizing.pending(view).isEmpty()) {
      Finding underWay =
          view.resizeFailure()
              .map(failure -> new Finding(true, "Error", failure.message()))
              .orElse(Finding.MET);
      conditions.add(condition("PodResizeInProgress", underWay));
    }
  }

  /** Our own conditions of the one list with the foreign ones of the other. */
  public static List<PodCondition> adopt(List<PodCondition> own, List<PodCondition> foreign) {
    List<PodCondition> all = new ArrayList<>();
    own.stream().filter(Conditions::isOwn).forEach(all::add);
    List<String> taken = all.stream().map(PodCondition::getType).toList();
    foreign.stream().filter(one -> !isOwn(one) && !taken.contains(one.getType())).forEach(all::add);
    return all;
  }

  /**
   * Whether somebody else says that the pod is ready, or is not, though its containers are what
   * they were. An old status of one's own that is shown late differs in both.
   */
  static boolean contradicted(PodStatus own, @Nullable PodStatus shown) {
    return shown != null
        && !value(own, "Ready").equals(value(shown, "Ready"))
        && value(own, "ContainersReady").equals(value(shown, "ContainersReady"));
  }

  private static String value(PodStatus status, String type) {
    return status.getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .map(PodCondition::getStatus)
        .findFirst()
        .orElse("");
  }

  /** The condition of a disruption is everybody's: the kubelet's where the kubelet disrupts. */
  static boolean isOwn(PodCondition condition) {
    return OWN.contains(condition.getType())
        || (condition.getType().equals(DISRUPTION) && TERMINATION.equals(condition.getReason()));
  }

  private Finding readyToStart() {
    boolean hostNetwork = Boolean.TRUE.equals(view.pod().getSpec().getHostNetwork());
    boolean met =
        view.readySandbox()
            .filter(sandbox -> hostNetwork || !sandbox.addresses().isEmpty())
            .isPresent();
    return new Finding(met, null, null);
  }

  private Finding isInitialized() {
    if ("Succeeded".equals(status.getPhase())) {
      return new Finding(true, "PodCompleted", null);
    }
    return incomplete.isEmpty()
        ? Finding.MET
        : new Finding(
            false,
            "ContainersNotInitialized",
            "containers with incomplete status: " + list(incomplete));
  }

  private Finding containersReady() {
    if ("Succeeded".equals(status.getPhase())) {
      return new Finding(false, "PodCompleted", null);
    }
    if ("Failed".equals(status.getPhase())) {
      return new Finding(false, "PodFailed", null);
    }
    List<String> unready = new ArrayList<>();
    for (Member member : Member.of(view.pod())) {
      boolean counts =
          member.kind() == ContainerKind.MAIN || member.kind() == ContainerKind.SIDECAR;
      ContainerStatus one = ContainerStatuses.find(status, member.name());
      if (counts && (one == null || !one.getReady())) {
        unready.add(member.name());
      }
    }
    return unready.isEmpty()
        ? Finding.MET
        : new Finding(
            false, "ContainersNotReady", "containers with unready status: " + list(unready));
  }

  private Finding ready(Finding containersReady) {
    if (!containersReady.met()) {
      return containersReady;
    }
    List<String> missing = new ArrayList<>();
    for (PodReadinessGate gate : view.pod().getSpec().getReadinessGates()) {
      Optional<PodCondition> condition = foreign(gate.getConditionType());
      if (condition.isEmpty()) {
        missing.add(
            "corresponding condition of pod readiness gate \""
                + gate.getConditionType()
                + "\" does not exist.");
      } else if (!"True".equals(condition.get().getStatus())) {
        missing.add(
            "the status of pod readiness gate \""
                + gate.getConditionType()
                + "\" is not \"True\", but "
                + condition.get().getStatus());
      }
    }
    return missing.isEmpty()
        ? Finding.MET
        : new Finding(false, "ReadinessGatesNotReady", String.join(", ", missing));
  }

  private Optional<PodCondition> foreign(String type) {
    return view.status().getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst();
  }

  private PodCondition condition(String type, Finding finding) {
    PodCondition condition = new PodCondition();
    condition.setType(type);
    condition.setStatus(finding.met() ? "True" : "False");
    condition.setReason(finding.reason());
    condition.setMessage(finding.message());
    condition.setObservedGeneration(status.getObservedGeneration());
    condition.setLastTransitionTime(
        foreign(type)
            .filter(before -> before.getStatus().equals(condition.getStatus()))
            .map(PodCondition::getLastTransitionTime)
            .orElse(StatusWriter.timestamp(now)));
    return condition;
  }

  private static String list(List<String> names) {
    return "[" + String.join(" ", names) + "]";
  }
}
