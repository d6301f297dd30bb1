package dev.coxswain.controllers.servicerange;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ListOptions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Says of a range of Services' addresses that it is ready, and keeps one that is deleted until no
 * address that was given out of it is of no other range. The API server gives nothing out of a
 * range whose deletion has begun, so a look at all addresses after that is final.
 */
public final class ServiceRangeController implements Reconciler<ServiceCIDR> {
  private static final String FINALIZER = "networking.k8s.io/service-cidr-finalizer";
  private static final String READY = "Ready";

  private final ApiClient api;

  public ServiceRangeController(ApiClient api) {
    this.api = api;
  }

  @Override
  public String name() {
    return "service-cidr-controller";
  }

  @Override
  public Watches<ServiceCIDR> watches() {
    return Watches.of(ServiceCIDR.class)
        .on(ServiceCIDR.class, (change, view) -> deleting(view))
        .on(
            IPAddress.class,
            (change, view) -> change.after() == null ? deleting(view) : List.<ObjectKey>of());
  }

  /** The ranges that wait for addresses to go, or for another range to cover theirs. */
  private static List<ObjectKey> deleting(View view) {
    return view.all(ServiceCIDR.class).stream().filter(Meta::deleting).map(Meta::key).toList();
  }

  @Override
  public Outcome reconcile(ServiceCIDR wanted, View view, Actions act) {
    if (!Meta.deleting(wanted)) {
      if (!Meta.finalizers(wanted).contains(FINALIZER)) {
        // The change wakes it again, with the version that the status is written on.
        Finalizers.add(wanted, FINALIZER, act);
      } else if (condition(wanted).noneMatch(ready -> "True".equals(ready.getStatus()))) {
        tell(wanted, "True", "", "Kubernetes Service CIDR is ready", view, act);
      }
    } else if (Meta.finalizers(wanted).contains(FINALIZER)) {
      if (needed(wanted, view)) {
        tell(
            wanted,
            "False",
            "Terminating",
            "There are still IPAddresses referencing the ServiceCIDR, please remove them or create"
                + " a new ServiceCIDR",
            view,
            act);
      } else {
        Finalizers.remove(wanted, FINALIZER, act);
      }
    }
    return Outcome.done();
  }

  /** Whether an address that was given out would be of no range any more. */
  private boolean needed(ServiceCIDR leaving, View view) {
    List<AddressBlock> own = blocks(leaving).toList();
    List<AddressBlock> others =
        view.all(ServiceCIDR.class).stream()
            .filter(range -> !Meta.deleting(range))
            .flatMap(ServiceRangeController::blocks)
            .toList();
    boolean covered =
        own.stream().allMatch(block -> others.stream().anyMatch(other -> other.contains(block)));
    // What the cache shows is enough to wait on, not to let go on.
    return !covered
        && (strands(view.all(IPAddress.class), own, others)
            || strands(
                api.resource(IPAddress.class).list("", ListOptions.ALL).items(), own, others));
  }

  private static boolean strands(
      Collection<IPAddress> addresses, List<AddressBlock> own, List<AddressBlock> others) {
    return addresses.stream()
        .filter(Addresses::givenOut)
        .map(Meta::name)
        .anyMatch(address -> of(own, address) && !of(others, address));
  }

  private static boolean of(List<AddressBlock> blocks, String address) {
    return blocks.stream().anyMatch(block -> block.contains(address));
  }

  private static Stream<AddressBlock> blocks(ServiceCIDR range) {
    return range.getSpec() == null
        ? Stream.of()
        : Meta.list(range.getSpec().getCidrs()).stream()
            .flatMap(cidr -> AddressBlock.parse(cidr).stream());
  }

  private static Stream<Condition> condition(ServiceCIDR range) {
    return range.getStatus() == null
        ? Stream.of()
        : Meta.list(range.getStatus().getConditions()).stream()
            .filter(condition -> condition.getType().equals(READY));
  }

  private static void tell(
      ServiceCIDR range, String status, String reason, String message, View view, Actions act) {
    boolean said =
        condition(range)
            .anyMatch(
                ready -> status.equals(ready.getStatus()) && reason.equals(ready.getReason()));
    if (said) {
      return;
    }
    Condition ready =
        new ConditionBuilder()
            .withType(READY)
            .withStatus(status)
            .withReason(reason)
            .withMessage(message)
            .withLastTransitionTime(Meta.timestamp(view.now()))
            .build();
    var others =
        range.getStatus() == null
            ? List.<Condition>of()
            : Meta.list(range.getStatus().getConditions()).stream()
                .filter(condition -> !condition.getType().equals(READY))
                .toList();
    act.updateStatus(
        new ServiceCIDRBuilder(range)
            .withNewStatus()
            .withConditions(Stream.concat(others.stream(), Stream.of(ready)).toList())
            .endStatus()
            .build());
  }
}
