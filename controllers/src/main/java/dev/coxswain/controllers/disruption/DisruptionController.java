package dev.coxswain.controllers.disruption;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import dev.coxswain.runtime.client.ApiClient;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Says in a budget's status how many of its pods may be evicted now. */
public final class DisruptionController implements Reconciler<PodDisruptionBudget> {
  /** How long an eviction that was let through may take until its pod begins to go. */
  private static final Duration EVICTION_PATIENCE = Duration.ofMinutes(2);

  private static final String ALLOWED = "DisruptionAllowed";

  private final Scales scales;

  public DisruptionController(ApiClient api) {
    this.scales = new Scales(api);
  }

  @Override
  public String name() {
    return "disruption-controller";
  }

  @Override
  public Watches<PodDisruptionBudget> watches() {
    return Watches.of(PodDisruptionBudget.class)
        .on(Pod.class, DisruptionController::budgets)
        .reads(ReplicationController.class)
        .reads(ReplicaSet.class)
        .reads(Deployment.class)
        .reads(StatefulSet.class);
  }

  @Override
  public Outcome reconcile(PodDisruptionBudget wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    List<Pod> pods =
        view.in(Pod.class, Meta.namespace(wanted)).stream()
            .filter(pod -> Selectors.matches(wanted.getSpec().getSelector(), Meta.labels(pod)))
            .sorted(Comparator.comparing(Meta::name))
            .toList();
    if (pods.isEmpty()) {
      act.normal(wanted, "NoPods", "No matching pods found");
    }
    try {
      ExpectedPods expected = ExpectedPods.of(wanted, pods, view, scales);
      if (!expected.unmanaged().isEmpty()) {
        act.warning(
            wanted,
            "UnmanagedPods",
            "Pods selected by this PodDisruptionBudget (selector: "
                + Selectors.of(wanted.getSpec().getSelector())
                + ") were found to be unmanaged. As a result, the status of the PDB cannot be"
                + " calculated correctly, which may result in undefined behavior. To account for"
                + " these pods please set \".spec.minAvailable\" field of the PDB to an integer"
                + " value.");
      }
      return count(wanted, pods, expected, view.now(), act);
    } catch (ExpectedPods.Unknown unknown) {
      act.warning(
          wanted,
          "CalculateExpectedPodCountFailed",
          "Failed to calculate the number of expected pods: " + unknown.getMessage());
      refuse(wanted, Meta.text(unknown.getMessage()), view.now(), act);
      // Those who are asked are not watched, and a cache may only be late: it is tried again.
      throw new ApiException(StatusReason.NOT_FOUND, Meta.text(unknown.getMessage()));
    }
  }

  private static Outcome count(
      PodDisruptionBudget wanted, List<Pod> pods, ExpectedPods expected, Instant now, Actions act) {
    Map<String, String> disrupted = new TreeMap<>();
    Outcome outcome = Outcome.done();
    for (Pod pod : pods) {
      Optional<Instant> since = disruptedSince(wanted, pod).filter(time -> !Meta.deleting(pod));
      if (since.isPresent()) {
        Duration left = Duration.between(now, since.get().plus(EVICTION_PATIENCE));
        if (left.isPositive()) {
          disrupted.put(Meta.name(pod), Meta.timestamp(since.get()));
          outcome = outcome.orSooner(Outcome.again(left));
        } else {
          act.warning(
              pod,
              "NotDeleted",
              "Pod was expected by PDB " + Meta.key(wanted) + " to be deleted but it wasn't");
        }
      }
    }
    int healthy =
        Math.toIntExact(
            pods.stream()
                .filter(pod -> !Meta.deleting(pod) && Pods.ready(pod))
                .filter(pod -> !disrupted.containsKey(Meta.name(pod)))
                .count());
    int allowed = expected.expected() <= 0 ? 0 : Math.max(0, healthy - expected.healthy());
    update(
        wanted,
        new PodDisruptionBudgetStatusBuilder(status(wanted))
            .withCurrentHealthy(healthy)
            .withDesiredHealthy(expected.healthy())
            .withExpectedPods(expected.expected())
            .withDisruptionsAllowed(allowed)
            .withDisruptedPods(disrupted),
        allowed > 0
            ? condition("True", "SufficientPods", "")
            : condition("False", "InsufficientPods", ""),
        now,
        act);
    return outcome;
  }

  /** What cannot be counted may not be disturbed. */
  private static void refuse(PodDisruptionBudget wanted, String why, Instant now, Actions act) {
    update(
        wanted,
        new PodDisruptionBudgetStatusBuilder(status(wanted)).withDisruptionsAllowed(0),
        condition("False", "SyncFailed", why),
        now,
        act);
  }

  private static void update(
      PodDisruptionBudget wanted,
      PodDisruptionBudgetStatusBuilder counted,
      ConditionBuilder verdict,
      Instant now,
      Actions act) {
    PodDisruptionBudgetStatus before = status(wanted);
    List<Condition> conditions = Meta.list(before.getConditions());
    Condition standing =
        conditions.stream()
            .filter(other -> other.getType().equals(ALLOWED))
            .findFirst()
            .orElse(null);
    verdict.withObservedGeneration(Meta.generation(wanted));
    if (standing == null || !Objects.equals(standing.getStatus(), verdict.getStatus())) {
      verdict.withLastTransitionTime(Meta.timestamp(now));
    } else {
      verdict.withLastTransitionTime(standing.getLastTransitionTime());
    }
    PodDisruptionBudgetStatus after =
        counted
            .withObservedGeneration(Meta.generation(wanted))
            .withConditions(
                Stream.concat(
                        conditions.stream().filter(other -> !other.getType().equals(ALLOWED)),
                        Stream.of(verdict.build()))
                    .toList())
            .build();
    if (!after.equals(wanted.getStatus())) {
      act.updateStatus(new PodDisruptionBudgetBuilder(wanted).withStatus(after).build());
    }
  }

  private static ConditionBuilder condition(String status, String reason, String message) {
    return new ConditionBuilder()
        .withType(ALLOWED)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message);
  }

  private static Optional<Instant> disruptedSince(PodDisruptionBudget budget, Pod pod) {
    return Meta.time(Meta.map(status(budget).getDisruptedPods()).get(Meta.name(pod)));
  }

  private static PodDisruptionBudgetStatus status(PodDisruptionBudget budget) {
    return budget.getStatus() == null ? new PodDisruptionBudgetStatus() : budget.getStatus();
  }

  private static Collection<ObjectKey> budgets(Change<Pod> change, View view) {
    return view.in(PodDisruptionBudget.class, Meta.namespace(change.latest())).stream()
        .filter(budget ->
            Stream.of(change.before(), change.after())
                .filter(Objects::nonNull)
                .anyMatch(
                    pod -> Selectors.matches(budget.getSpec().getSelector(), Meta.labels(pod))))
        .map(Meta::key)
        .toList();
  }
}
