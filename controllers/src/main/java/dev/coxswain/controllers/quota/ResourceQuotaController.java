package dev.coxswain.controllers.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.QuotaScopes;
import dev.coxswain.api.quota.QuotaUsage;
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
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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

  @Override
  public String name() {
    return "resourcequota-controller";
  }

  @Override
  public Watches<ResourceQuota> watches() {
    Watches<ResourceQuota> watches = Watches.of(ResourceQuota.class);
    KINDS.forEach(kind -> follow(watches, kind));
    return watches;
  }

  @Override
  public Outcome reconcile(ResourceQuota wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    JsonNode spec = Json.mapper().valueToTree(wanted.getSpec());
    QuotaScopes scopes = QuotaScopes.of(spec);
    Map<String, Quantity> used = new TreeMap<>();
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
            Map<String, Quantity> usage = QuotaUsage.of(resource, json, view.now());
            names.forEach(
                name -> used.merge(name, usage.getOrDefault(name, Quantity.ZERO), Quantity::add));
          }
        }
      }
    }
    var status = new ResourceQuotaStatus();
    status.setHard(hard(wanted));
    status.setUsed(
        used.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, entry -> model(entry.getValue()))));
    if (!same(status, wanted.getStatus())) {
      act.updateStatus(new ResourceQuotaBuilder(wanted).withStatus(status).build());
    }
    return Outcome.done();
  }

  /** An object wakes its namespace's quotas when it comes, goes, or uses something else. */
  private static <S extends HasMetadata> void follow(
      Watches<ResourceQuota> watches, Class<S> kind) {
    watches.on(
        kind,
        (change, view) ->
            differs(kind, change, view.now())
                ? quotas(view, Meta.namespace(change.latest()))
                : List.of());
  }

  private static <S extends HasMetadata> boolean differs(
      Class<S> kind, Change<S> change, Instant now) {
    if (change.before() == null || change.after() == null) {
      return true;
    }
    GroupResource resource = resource(kind);
    JsonNode before = Json.mapper().valueToTree(change.before());
    JsonNode after = Json.mapper().valueToTree(change.after());
    return !QuotaUsage.of(resource, before, now).equals(QuotaUsage.of(resource, after, now));
  }

  private static Collection<ObjectKey> quotas(View view, String namespace) {
    return view.in(ResourceQuota.class, namespace).stream().map(Meta::key).toList();
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
