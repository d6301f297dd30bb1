package dev.coxswain.controllers.servicerange;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.IPAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Sees to it that every Service has an IPAddress for each of its addresses, and that none is left
 * without one. The API server writes both in one transaction: what is repaired here was taken apart
 * by hand, or comes from before there were such objects.
 */
public final class AddressRepairController implements Reconciler<Service> {
  private static final String HELD = "service-by-address";
  private static final String BY_SERVICE = "ipaddress-by-service";

  @Override
  public String name() {
    return "service-ip-address-repair-controller";
  }

  @Override
  public Watches<Service> watches() {
    return Watches.of(Service.class)
        .on(
            IPAddress.class,
            (change, view) ->
                Stream.concat(
                        Addresses.service(change.latest()).stream(),
                        // One of another's: its Service is told, too, that it lacks its own.
                        view.by(Service.class, HELD, Meta.name(change.latest())).stream()
                            .map(Meta::key))
                    .distinct()
                    .toList())
        .index(Service.class, HELD, Addresses::held)
        .index(
            IPAddress.class,
            BY_SERVICE,
            address -> Addresses.service(address).map(ObjectKey::toString).stream().toList());
  }

  @Override
  public Outcome reconcile(Service wanted, View view, Actions act) {
    List<String> held = Addresses.held(wanted);
    for (String address : held) {
      Optional<IPAddress> known = view.find(IPAddress.class, ObjectKey.cluster(address));
      if (known.flatMap(Addresses::service).filter(Meta.key(wanted)::equals).isEmpty()) {
        complete(address, wanted, act);
      }
    }
    giveBack(Meta.key(wanted), view, act);
    return Outcome.done();
  }

  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    giveBack(key, view, act);
    return Outcome.done();
  }

  /** Makes the IPAddress that a Service lacks, where it really does. */
  private static void complete(String address, Service service, Actions act) {
    boolean has =
        act.live(Service.class, Meta.key(service))
            .filter(now -> Addresses.held(now).contains(address))
            .isPresent();
    if (!has) {
      return;
    }
    Optional<IPAddress> now = act.live(IPAddress.class, ObjectKey.cluster(address));
    if (now.isEmpty()) {
      try {
        act.create(Addresses.of(address, service));
        act.warning(
            service,
            "ClusterIPNotAllocated",
            "Cluster IP " + address + " was not held by an IPAddress; it is again");
        return;
      } catch (ApiException refused) {
        if (!refused.is(StatusReason.ALREADY_EXISTS)) {
          throw refused;
        }
        now = act.live(IPAddress.class, ObjectKey.cluster(address));
      }
    }
    if (now.flatMap(Addresses::service).filter(Meta.key(service)::equals).isEmpty()) {
      act.warning(
          service,
          "ClusterIPAlreadyAllocated",
          "Cluster IP " + address + " is another's; please recreate the Service");
    }
  }

  /** Removes the addresses of a Service that it does not have. */
  private static void giveBack(ObjectKey service, View view, Actions act) {
    for (IPAddress address : view.by(IPAddress.class, BY_SERVICE, service.toString())) {
      boolean leaked =
          Addresses.givenOut(address)
              && act.live(Service.class, service)
                  .filter(now -> Addresses.held(now).contains(Meta.name(address)))
                  .isEmpty();
      if (leaked) {
        act.delete(address);
      }
    }
  }
}
