package dev.coxswain.controllers.endpoints;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.endpoints.Backends.Port;
import dev.coxswain.controllers.endpoints.OwnedSlices.Group;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Copies hand-made Endpoints of a Service without selector to slices, which proxies read. */
public final class EndpointSliceMirroringController implements Reconciler<Endpoints> {
  private static final String MANAGER = "endpointslicemirroring-controller.k8s.io";
  private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
  private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";

  /** Most addresses that are taken over from one subset; upstream's limit. */
  private static final int CAPACITY = 1000;

  /** Of no meaning for the copy. */
  private static final List<String> OWN_ANNOTATIONS =
      List.of("kubectl.kubernetes.io/last-applied-configuration", TriggerTime.ANNOTATION);

  @Override
  public String name() {
    return "endpointslice-mirroring-controller";
  }

  @Override
  public Watches<Endpoints> watches() {
    return Watches.of(Endpoints.class)
        .on(Service.class, (change, view) -> List.of(Meta.key(change.latest())))
        .owned(EndpointSlice.class);
  }

  @Override
  public Outcome reconcile(Endpoints wanted, View view, Actions act) {
    if (Meta.deleting(wanted)) {
      return Outcome.done();
    }
    var labels = new TreeMap<>(Meta.labels(wanted));
    var annotations = new TreeMap<>(Meta.annotations(wanted));
    OWN_ANNOTATIONS.forEach(annotations::remove);
    new OwnedSlices(wanted, MANAGER, labels, annotations, TriggerTime.NONE)
        .write(mirrored(wanted, view) ? groups(wanted) : Map.of(), view, act);
    return Outcome.done();
  }

  private static boolean mirrored(Endpoints endpoints, View view) {
    ObjectKey key = Meta.key(endpoints);
    Optional<Service> service = view.find(Service.class, key);
    return service
            .filter(found -> found.getSpec() != null)
            .filter(found -> Meta.map(found.getSpec().getSelector()).isEmpty())
            .isPresent()
        && !"true".equals(Meta.labels(endpoints).get(SKIP))
        && !Meta.annotations(endpoints).containsKey(LEADER);
  }

  private static Map<Group, List<Endpoint>> groups(Endpoints endpoints) {
    var groups = new LinkedHashMap<Group, List<Endpoint>>();
    for (EndpointSubset subset : Meta.list(endpoints.getSubsets())) {
      List<Port> ports =
          Meta.list(subset.getPorts()).stream()
              .map(EndpointSliceMirroringController::port)
              .toList();
      int room = CAPACITY;
      for (EndpointAddress address : Meta.list(subset.getAddresses())) {
        if (room-- > 0) {
          add(groups, ports, address, true);
        }
      }
      for (EndpointAddress address : Meta.list(subset.getNotReadyAddresses())) {
        if (room-- > 0) {
          add(groups, ports, address, false);
        }
      }
    }
    return groups;
  }

  private static void add(
      Map<Group, List<Endpoint>> groups, List<Port> ports, EndpointAddress address, boolean ready) {
    groups
        .computeIfAbsent(
            new Group(EndpointSliceController.addressType(address.getIp()), ports),
            group -> new ArrayList<>())
        .add(
            new EndpointBuilder()
                .withAddresses(address.getIp())
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withHostname(address.getHostname())
                .withNodeName(address.getNodeName())
                .withTargetRef(address.getTargetRef())
                .build());
  }

  private static Port port(EndpointPort port) {
    return new Port(
        Meta.text(port.getName()),
        Meta.number(port.getPort(), 0),
        Meta.text(port.getProtocol()).isEmpty() ? "TCP" : port.getProtocol(),
        Meta.text(port.getAppProtocol()));
  }
}
