package dev.coxswain.controllers.leader;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Copies who leads from the Leases of the scheduler and of the controllers to an annotation of
 * Endpoints of the same name, where Kubernetes kept it up to 1.20 and commands and dashboards still
 * look. Written when the leader changes, not with each renewal: {@code renewTime} is of then.
 */
public final class LeaderAnnotator implements Reconciler<Namespace> {
  private static final String NAMESPACE = "kube-system";
  private static final List<String> LEASES = List.of("kube-controller-manager", "kube-scheduler");
  private static final String ANNOTATION = "control-plane.alpha.kubernetes.io/leader";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public String name() {
    return "leader-annotation-controller";
  }

  @Override
  public Watches<Namespace> watches() {
    return Watches.of(Namespace.class)
        .on(
            Lease.class,
            (change, view) ->
                changesLeader(change) ? List.of(ObjectKey.cluster(NAMESPACE)) : List.of())
        .reads(Endpoints.class);
  }

  private static boolean changesLeader(Change<Lease> change) {
    Lease lease = change.latest();
    return Meta.namespace(lease).equals(NAMESPACE)
        && LEASES.contains(Meta.name(lease))
        && !(change.before() != null
            && change.after() != null
            && holder(change.before()).equals(holder(change.after())));
  }

  @Override
  public Outcome reconcile(Namespace wanted, View view, Actions act) {
    if (Meta.name(wanted).equals(NAMESPACE)) {
      for (String name : LEASES) {
        view.find(Lease.class, new ObjectKey(NAMESPACE, name))
            .filter(lease -> !holder(lease).isEmpty())
            .ifPresent(lease -> annotate(lease, view, act));
      }
    }
    return Outcome.done();
  }

  private static void annotate(Lease lease, View view, Actions act) {
    Optional<Endpoints> current = view.find(Endpoints.class, Meta.key(lease));
    if (current.isEmpty()) {
      act.create(
          new EndpointsBuilder()
              .withNewMetadata()
              .withNamespace(NAMESPACE)
              .withName(Meta.name(lease))
              .addToAnnotations(ANNOTATION, record(lease).toString())
              .endMetadata()
              .build());
    } else if (!holder(lease).equals(told(current.get()))) {
      act.update(
          new EndpointsBuilder(current.get())
              .editMetadata()
              .addToAnnotations(ANNOTATION, record(lease).toString())
              .endMetadata()
              .build());
    }
  }

  /** Whom the annotation names; empty where it is absent or says something else. */
  private static String told(Endpoints endpoints) {
    String annotation = Meta.annotations(endpoints).getOrDefault(ANNOTATION, "{}");
    try {
      return JSON.readTree(annotation).path("holderIdentity").asString("");
    } catch (JacksonException notJson) {
      return "";
    }
  }

  private static ObjectNode record(Lease lease) {
    LeaseSpec spec = lease.getSpec();
    return JSON.createObjectNode()
        .put("holderIdentity", holder(lease))
        .put("leaseDurationSeconds", spec.getLeaseDurationSeconds())
        .put("acquireTime", seconds(spec.getAcquireTime()))
        .put("renewTime", seconds(spec.getRenewTime()))
        .put("leaderTransitions", Objects.requireNonNullElse(spec.getLeaseTransitions(), 0));
  }

  private static @Nullable String seconds(@Nullable ZonedDateTime time) {
    return time == null
        ? null
        : DateTimeFormatter.ISO_INSTANT.format(time.truncatedTo(ChronoUnit.SECONDS).toInstant());
  }

  private static String holder(Lease lease) {
    LeaseSpec spec = lease.getSpec();
    return spec == null ? "" : Objects.requireNonNullElse(spec.getHolderIdentity(), "");
  }
}
