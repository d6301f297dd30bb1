package dev.coxswain.controllers.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.QuotaScopes;
import dev.coxswain.api.quota.QuotaUsage;
import dev.coxswain.controllers.census.Census;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ReplicationController;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Counts anew what a namespace uses, and writes it beside what it may. Admission counts up as it
 * lets objects in; this counts down as they go, and mends what was counted wrongly.
 */
public final class ResourceQuotaController implements Reconciler<ResourceQuota> {
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Pod.class,
          Service.class,
          PersistentVolumeClaim.class,
          ConfigMap.class,
          Secret.class,
          ReplicationController.class,
          ResourceQuota.class,
          ReplicaSet.class,
          Deployment.class,
          StatefulSet.class,
          DaemonSet.class,
          Job.class,
          CronJob.class);

  /** Until then it is over for the API servers, too, which check the count by their own clocks. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private static final Set<GroupResource> RESOURCES =
      KINDS.stream().map(ResourceQuotaController::resource).collect(Collectors.toUnmodifiableSet());

  private final Census census;

  /**
   * A counter.
   *
   * @param census how many there are of what is only counted
   */
  public ResourceQuotaController(Census census) {
    this.census = census;
  }

  @Override
  public String name() {
    return "resourcequota-controller";
  }

  @Override
  public Watches<ResourceQuota> watches() {
    Watches<ResourceQuota> watches = Watches.of(ResourceQuota.class);
    KINDS.forEach(kind -> follow(watches, kind));
    return watches.on(census, ResourceQuotaController::counting);
  }

  @Override
  public Outcome reconcile(ResourceQuota wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    JsonNode spec = Json.mapper().valueToTree(wanted.getSpec());
    QuotaScopes scopes = QuotaScopes.of(spec);
    Map<String, Quantity> used = new TreeMap<>();
    Outcome outcome = Outcome.done();
    for (Class<? extends HasMetadata> kind : KINDS) {
      GroupResource resource = resource(kind);
      List<String> names =
          hard(wanted).keySet().stream()
              .filter(name -> QuotaUsage.concerns(resource, name))
              .toList();
      names.forEach(name -> used.putIfAbsent(name, Quantity.ZERO));
      if (!names.isEmpty()) {
        for (HasMetadata object : view.in(kind, Meta.namespace(wanted))) {
          JsonNode json = Json.mapper().valueToTree(object);
          if (scopes.match(resource, json)) {
            outcome = outcome.orSooner(whenLess(kind, json, view.now()));
            Map<String, Quantity> usage = QuotaUsage.of(resource, json, view.now());
            names.forEach(
                name -> used.merge(name, usage.getOrDefault(name, Quantity.ZERO), Quantity::add));
          }
        }
      }
    }
    countOthers(wanted, scopes, used);
    var status = new ResourceQuotaStatus();
    status.setHard(hard(wanted));
    status.setUsed(
        used.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> model(entry.getValue()))));
    if (!same(status, wanted.getStatus())) {
      act.updateStatus(new ResourceQuotaBuilder(wanted).withStatus(status).build());
    }
    return outcome;
  }

  /** A pod that should have gone by then gives back what it used, though nothing happens to it. */
  private static Outcome whenLess(Class<? extends HasMetadata> kind, JsonNode object, Instant now) {
    if (kind != Pod.class) {
      return Outcome.done();
    }
    return QuotaUsage.overdue(object)
        .filter(end -> !end.isBefore(now))
        .<Outcome>map(end -> Outcome.again(Duration.between(now, end).plus(MARGIN)))
        .orElse(Outcome.done());
  }

  /**
   * Of any other kind only the number counts. Where it is not known (its first list has not come,
   * or there is no such kind) what was counted last stands, if ever it was.
   */
  private void countOthers(ResourceQuota wanted, QuotaScopes scopes, Map<String, Quantity> used) {
    Map<String, io.fabric8.kubernetes.api.model.Quantity> before =
        wanted.getStatus() == null ? Map.of() : Meta.map(wanted.getStatus().getUsed());
    for (String name : hard(wanted).keySet()) {
      GroupResource resource = QuotaUsage.counted(name).orElse(null);
      if (resource == null || RESOURCES.contains(resource)) {
        continue;
      }
      OptionalLong count = census.count(resource, Meta.namespace(wanted));
      if (count.isPresent()) {
        // Scopes tell pods and claims apart; a quota that has any is about nothing else.
        boolean concerned = scopes.match(resource, Json.object());
        used.put(name, Quantity.of(concerned ? count.getAsLong() : 0));
      } else if (before.containsKey(name)) {
        used.put(name, Quantity.parse(before.get(name).toString()));
      }
    }
  }

  /** The quotas that count what has become more or less. */
  private static List<ObjectKey> counting(Census.Entry entry, View view) {
    if (RESOURCES.contains(entry.resource())) {
      return List.of();
    }
    String name = QuotaUsage.count(entry.resource());
    Collection<ResourceQuota> all =
        entry.namespace().isEmpty()
            ? view.all(ResourceQuota.class)
            : view.in(ResourceQuota.class, entry.namespace());
    return all.stream().filter(quota -> hard(quota).containsKey(name)).map(Meta::key).toList();
  }

  /**
   * An object wakes its namespace's quotas when it comes, is to go, goes, uses something else, or
   * is something else to the quota's scopes.
   */
  private static <S extends HasMetadata> void follow(
      Watches<ResourceQuota> watches, Class<S> kind) {
    watches.on(
        kind,
        (change, view) -> {
          Collection<ResourceQuota> quotas =
              view.in(ResourceQuota.class, Meta.namespace(change.latest()));
          return quotas.isEmpty() ? List.of() : concerned(quotas, kind, change, view.now());
        });
  }

  private static <S extends HasMetadata> List<ObjectKey> concerned(
      Collection<ResourceQuota> quotas, Class<S> kind, Change<S> change, Instant now) {
    S first = change.before();
    S last = change.after();
    if (first == null || last == null || Meta.deleting(first) != Meta.deleting(last)) {
      return quotas.stream().map(Meta::key).toList();
    }
    GroupResource resource = resource(kind);
    JsonNode before = Json.mapper().valueToTree(first);
    JsonNode after = Json.mapper().valueToTree(last);
    boolean other =
        !QuotaUsage.of(resource, before, now).equals(QuotaUsage.of(resource, after, now));
    return quotas.stream()
        .filter(quota -> {
          QuotaScopes scopes = QuotaScopes.of(Json.mapper().valueToTree(quota.getSpec()));
          return other || scopes.match(resource, before) != scopes.match(resource, after);
        })
        .map(Meta::key)
        .toList();
  }

  private static GroupResource resource(Class<? extends HasMetadata> kind) {
    return new GroupResource(Meta.text(HasMetadata.getGroup(kind)), HasMetadata.getPlural(kind));
  }

  private static Map<String, io.fabric8.kubernetes.api.model.Quantity> hard(ResourceQuota quota) {
    return quota.getSpec() == null ? Map.of() : Meta.map(quota.getSpec().getHard());
  }

  private static io.fabric8.kubernetes.api.model.Quantity model(Quantity quantity) {
    return io.fabric8.kubernetes.api.model.Quantity.parse(quantity.toString());
  }

  private static boolean same(ResourceQuotaStatus status, @Nullable ResourceQuotaStatus before) {
    return before != null
        && Json.mapper()
            .<JsonNode>valueToTree(status)
            .equals(Json.mapper().<JsonNode>valueToTree(before));
  }
}
