package dev.coxswain.apiserver.pods;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusCause;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.StatusJson;
import dev.coxswain.apiserver.verbs.ActionHandler;
import dev.coxswain.apiserver.verbs.DeleteRequest;
import dev.coxswain.apiserver.verbs.ObjectDeleter;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.verbs.ObjectWriter;
import dev.coxswain.apiserver.verbs.WriteContext;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code pods/eviction}: a delete that asks the pod's disruption budget first. The budget is
 * charged in its status before the pod is deleted, so that two evictions cannot both spend its last
 * disruption.
 */
public final class Eviction implements ActionHandler {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");

  /** Pods that cost no disruption: they serve nobody. */
  private static final Set<String> FREE_PHASES = Set.of("Succeeded", "Failed", "Pending", "");

  private final Types types;
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final ObjectDeleter deleter;
  private final Time time;

  /**
   * The types that evictions touch.
   *
   * @param pods the pods' type
   * @param budgets the disruption budgets' type
   */
  public record Types(ResourceType pods, ResourceType budgets) {}

  /** Evicts through these. */
  public Eviction(
      Types types, ObjectReader reader, ObjectWriter writer, ObjectDeleter deleter, Time time) {
    this.types = types;
    this.reader = reader;
    this.writer = writer;
    this.deleter = deleter;
    this.time = time;
  }

  @Override
  public ObjectNode act(ObjectKey key, ObjectNode body, WriteContext posted)
      throws InterruptedException {
    ObjectNode options =
        body.get("deleteOptions") instanceof ObjectNode given ? given : Json.object();
    WriteContext context = posted.within(options);
    ObjectNode pod =
        reader
            .find(PODS, key)
            .map(CachedObject::parse)
            .orElseThrow(() -> Failures.notFound(PODS, key.name()));
    boolean free =
        FREE_PHASES.contains(Json.text(pod, "status", "phase"))
            || !Json.text(pod, "metadata", "deletionTimestamp").isEmpty();
    if (!free) {
      charge(key, pod, context);
    }
    writer.change(types.pods(), key, "status", this::markDisrupted, context);
    String uid = Json.text(options, "preconditions", "uid");
    deleter.deleteAdmitted(
        types.pods(),
        key,
        new DeleteRequest(
            options.path("gracePeriodSeconds").isIntegralNumber()
                ? options.path("gracePeriodSeconds").asLong()
                : null,
            uid.isEmpty() ? Json.text(pod, "metadata", "uid") : uid,
            Json.text(options, "preconditions", "resourceVersion"),
            Json.text(options, "propagationPolicy")),
        context);
    return StatusJson.created();
  }

  /** By the budgets as they are now: one that was just made counts, one just deleted does not. */
  private void charge(ObjectKey key, ObjectNode pod, WriteContext context)
      throws InterruptedException {
    List<ObjectNode> budgets =
        reader.find(BUDGETS, Selection.namespace(key.namespace())).stream()
            .map(CachedObject::parse)
            .filter(budget ->
                LabelSelector.of(Json.at(budget, "spec", "selector"))
                    .matchesNode(Json.at(pod, "metadata", "labels")))
            .toList();
    if (budgets.isEmpty()) {
      return;
    }
    if (budgets.size() > 1) {
      throw new ApiException(
          StatusReason.INTERNAL_ERROR,
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
              + " support.");
    }
    String name = Json.text(budgets.getFirst(), "metadata", "name");
    writer.change(
        types.budgets(),
        new ObjectKey(key.namespace(), name),
        "status",
        budget -> spend(budget, name, key.name(), PodConditions.ready(pod)),
        context);
  }

  /** So that the pod's owner can tell that the cluster ended it, and not a failure of its own. */
  private void markDisrupted(ObjectNode pod) {
    PodConditions.set(
        pod, "DisruptionTarget", "EvictionByEvictionAPI", "Eviction API: evicting", time.now());
  }

  /**
   * Charges one disruption. A pod that is not ready costs none where the budget says so, or where
   * it has as many healthy pods as it wants without it.
   */
  private void spend(ObjectNode budget, String name, String pod, boolean ready) {
    long healthy = Json.number(budget, 0, "status", "currentHealthy");
    long desired = Json.number(budget, 0, "status", "desiredHealthy");
    boolean always = Json.text(budget, "spec", "unhealthyPodEvictionPolicy").equals("AlwaysAllow");
    if (!ready && (always || (desired > 0 && healthy >= desired))) {
      return;
    }
    long generation = Json.number(budget, 0, "metadata", "generation");
    if (Json.number(budget, 0, "status", "observedGeneration") < generation) {
      throw tooMany(name, null, 10);
    }
    long allowed = Json.number(budget, 0, "status", "disruptionsAllowed");
    if (allowed <= 0) {
      throw tooMany(
          name,
          "The disruption budget "
              + name
              + " needs "
              + desired
              + " healthy pods and has "
              + healthy
              + " currently",
          0);
    }
    ObjectNode status = Json.ensureObject(budget, "status");
    status.put("disruptionsAllowed", (int) (allowed - 1));
    Json.ensureObject(status, "disruptedPods")
        .put(pod, time.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static ApiException tooMany(String budget, @Nullable String why, int retryAfterSeconds) {
    String detail =
        why == null
            ? "The disruption budget " + budget + " is still being processed by the server."
            : why;
    return new ApiException(
        new ApiStatus(
            StatusReason.TOO_MANY_REQUESTS.code(),
            StatusReason.TOO_MANY_REQUESTS,
            "Cannot evict pod as it would violate the pod's disruption budget.",
            new ApiStatus.Details(
                "",
                "",
                "",
                "",
                List.of(new StatusCause("DisruptionBudget", detail, "")),
                retryAfterSeconds)));
  }
}
