package dev.coxswain.controllers.namespace;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.namespace.NamespaceContent.Left;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NamespaceCondition;
import io.fabric8.kubernetes.api.model.NamespaceConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Empties a namespace that is being deleted, says what holds it up, and lets it go. */
public final class NamespaceController implements Reconciler<Namespace> {
  private static final String FINALIZER = "kubernetes";

  /** Most of what remains are pods, whose end wakes the key; this is for everything else. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private final NamespaceContent content;

  public NamespaceController(ApiClient api) {
    this.content = new NamespaceContent(api);
  }

  @Override
  public String name() {
    return "namespace-controller";
  }

  @Override
  public Watches<Namespace> watches() {
    return Watches.of(Namespace.class)
        .on(
            Pod.class,
            (change, view) -> {
              var key = ObjectKey.cluster(Meta.namespace(change.latest()));
              boolean ends =
                  change.after() == null
                      && view.find(Namespace.class, key).filter(Meta::deleting).isPresent();
              return ends ? List.of(key) : List.of();
            });
  }

  @Override
  public Outcome reconcile(Namespace wanted, View view, Actions act) {
    List<String> finalizers =
        wanted.getSpec() == null ? List.of() : Meta.list(wanted.getSpec().getFinalizers());
    if (!Meta.deleting(wanted) || !finalizers.contains(FINALIZER)) {
      return Outcome.done();
    }
    Left left = content.delete(Meta.name(wanted));
    Namespace told = tell(wanted, conditions(wanted, left, Meta.timestamp(view.now())), act);
    if (!left.nothing()) {
      return Outcome.again(LOOK_AGAIN);
    }
    act.put(
        new NamespaceBuilder(told)
            .editSpec()
            .withFinalizers(finalizers.stream().filter(name -> !name.equals(FINALIZER)).toList())
            .endSpec()
            .build(),
        "finalize");
    return Outcome.done();
  }

  private static Namespace tell(
      Namespace namespace, List<NamespaceCondition> conditions, Actions act) {
    var status = namespace.getStatus();
    if (status != null
        && "Terminating".equals(status.getPhase())
        && conditions.equals(Meta.list(status.getConditions()))) {
      return namespace;
    }
    return act.updateStatus(
        new NamespaceBuilder(namespace)
            .editOrNewStatus()
            .withPhase("Terminating")
            .withConditions(conditions)
            .endStatus()
            .build());
  }

  /** The five conditions by which upstream tells what holds a namespace up. */
  private static List<NamespaceCondition> conditions(Namespace namespace, Left left, String now) {
    var conditions = new ArrayList<NamespaceCondition>();
    conditions.add(
        left.discoveryFailure().isEmpty()
            ? condition(
                "NamespaceDeletionDiscoveryFailure",
                false,
                "ResourcesDiscovered",
                "All resources successfully discovered")
            : condition(
                "NamespaceDeletionDiscoveryFailure",
                true,
                "DiscoveryFailed",
                left.discoveryFailure()));
    conditions.add(
        condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            false,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed"));
    conditions.add(
        left.failures().isEmpty()
            ? condition(
                "NamespaceDeletionContentFailure",
                false,
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization")
            : condition(
                "NamespaceDeletionContentFailure",
                true,
                "ContentDeletionFailed",
                "Failed to delete all resource types, "
                    + left.failures().size()
                    + " remaining: "
                    + String.join(", ", left.failures())));
    conditions.add(
        left.remaining().isEmpty()
            ? condition(
                "NamespaceContentRemaining",
                false,
                "ContentRemoved",
                "All content successfully removed")
            : condition(
                "NamespaceContentRemaining",
                true,
                "SomeResourcesRemain",
                "Some resources are remaining: "
                    + counts(left.remaining(), "%s has %d resource instances")));
    conditions.add(
        left.finalizers().isEmpty()
            ? condition(
                "NamespaceFinalizersRemaining",
                false,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished")
            : condition(
                "NamespaceFinalizersRemaining",
                true,
                "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: "
                    + counts(left.finalizers(), "%s in %d resource instances")));
    return conditions.stream().map(condition -> since(condition, namespace, now)).toList();
  }

  private static String counts(Map<String, Integer> counts, String format) {
    return counts.entrySet().stream()
        .map(entry -> format.formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static NamespaceCondition condition(
      String type, boolean status, String reason, String message) {
    return new NamespaceConditionBuilder()
        .withType(type)
        .withStatus(status ? "True" : "False")
        .withReason(reason)
        .withMessage(message)
        .build();
  }

  /** Keeps the transition time of a condition that says what it said before. */
  private static NamespaceCondition since(
      NamespaceCondition condition, Namespace namespace, String now) {
    List<NamespaceCondition> before =
        namespace.getStatus() == null
            ? List.of()
            : Meta.list(namespace.getStatus().getConditions());
    String since =
        before.stream()
            .filter(old -> old.getType().equals(condition.getType()))
            .filter(old -> old.getStatus().equals(condition.getStatus()))
            .map(NamespaceCondition::getLastTransitionTime)
            .findFirst()
            .orElse(now);
    return new NamespaceConditionBuilder(condition).withLastTransitionTime(since).build();
  }
}
