package dev.coxswain.controllers.endpoints;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.endpoints.Backends.Port;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps the Endpoints object of every Service that selects pods, for those who still read it. */
public final class EndpointsController implements Reconciler<Service> {
  /** Most addresses in one Endpoints object; upstream's limit. */
  private static final int CAPACITY = 1000;

  private static final String OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
  private static final String MANAGED_BY = "endpoints.kubernetes.io/managed-by";

  @Override
  public String name() {
    return "endpoints-controller";
  }

  @Override
  public Watches<Service> watches() {
    return Watches.of(Service.class)
        .on(Pod.class, Backends::ofPod)
        .on(Endpoints.class, (change, view) -> List.of(Meta.key(change.latest())));
  }

  private static final class Addresses {
    private final List<EndpointAddress> ready = new ArrayList<>();
    private final List<EndpointAddress> unready = new ArrayList<>();
  }

  @Override
  public Outcome reconcile(Service wanted, View view, Actions act) {
    if (!Backends.selects(wanted) || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    var byPorts = new LinkedHashMap<List<Port>, Addresses>();
    int count = 0;
    boolean truncated = false;
    for (Pod pod : first(Backends.pods(wanted, view))) {
      List<Port> ports = Backends.ports(wanted, pod);
      boolean leaving = Meta.deleting(pod) && !Backends.publishesUnready(wanted);
      if (leaving || Backends.unreachable(wanted, ports)) {
        continue;
      }
      if (++count > CAPACITY) {
        truncated = true;
        break;
      }
      Addresses addresses = byPorts.computeIfAbsent(ports, key -> new Addresses());
      boolean ready = Backends.publishesUnready(wanted) || Pods.ready(pod);
      (ready ? addresses.ready : addresses.unready).add(address(wanted, pod));
    }
    write(wanted, byPorts, truncated, view, act);
    return Outcome.done();
  }

  /** Of more than can be told those who serve. */
  private static List<Pod> first(List<Pod> pods) {
    return pods.size() > CAPACITY
        ? pods.stream().sorted(Comparator.comparing((Pod pod) -> !Pods.ready(pod))).toList()
        : pods;
  }

  /** Endpoints have no owner reference; they go when their Service goes. */
  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    view.find(Endpoints.class, key)
        .filter(endpoints -> Meta.labels(endpoints).containsKey(MANAGED_BY))
        .ifPresent(act::delete);
    return Outcome.done();
  }

  private static void write(
      Service service,
      Map<List<Port>, Addresses> byPorts,
      boolean truncated,
      View view,
      Actions act) {
    List<EndpointSubset> subsets =
        byPorts.entrySet().stream()
            .map(entry ->
                new EndpointSubsetBuilder()
                    .withAddresses(entry.getValue().ready)
                    .withNotReadyAddresses(entry.getValue().unready)
                    .withPorts(entry.getKey().stream().map(EndpointsController::port).toList())
                    .build())
            .toList();
    var labels = new TreeMap<>(Backends.labels(service));
    labels.put(MANAGED_BY, "endpoint-controller");
    Endpoints current = view.find(Endpoints.class, Meta.key(service)).orElse(null);
    if (current == null) {
      var annotations = new TreeMap<String, String>();
      capacity(annotations, truncated);
      TriggerTime.put(annotations, TriggerTime.ofNew(service));
      act.create(endpoints(new EndpointsBuilder(), service, labels, annotations, subsets));
      return;
    }
    var annotations = new TreeMap<>(Meta.annotations(current));
    capacity(annotations, truncated);
    if (!Meta.labels(current).equals(labels)
        || !Meta.annotations(current).equals(annotations)
        || !Meta.list(current.getSubsets()).equals(subsets)) {
      TriggerTime.put(
          annotations,
          TriggerTime.ofChange(
              Backends.pods(service, view),
              ready(Meta.list(current.getSubsets())),
              ready(subsets)));
      act.update(endpoints(new EndpointsBuilder(current), service, labels, annotations, subsets));
    }
  }

  private static void capacity(Map<String, String> annotations, boolean truncated) {
    if (truncated) {
      annotations.put(OVER_CAPACITY, "truncated");
    } else {
      annotations.remove(OVER_CAPACITY);
    }
  }

  private static Endpoints endpoints(
      EndpointsBuilder endpoints,
      Service service,
      Map<String, String> labels,
      Map<String, String> annotations,
      List<EndpointSubset> subsets) {
    return endpoints
        .editOrNewMetadata()
        .withName(Meta.name(service))
        .withNamespace(Meta.namespace(service))
        .withLabels(labels)
        .withAnnotations(annotations)
        .endMetadata()
        .withSubsets(subsets)
        .build();
  }

  /** The pods in these subsets, by uid, and whether each is among the ready. */
  private static Map<String, Boolean> ready(List<EndpointSubset> subsets) {
    var ready = new HashMap<String, Boolean>();
    for (EndpointSubset subset : subsets) {
      Meta.list(subset.getAddresses()).forEach(address -> note(ready, address, true));
      Meta.list(subset.getNotReadyAddresses()).forEach(address -> note(ready, address, false));
    }
    return ready;
  }

  private static void note(Map<String, Boolean> ready, EndpointAddress address, boolean is) {
    if (address.getTargetRef() != null) {
      ready.put(address.getTargetRef().getUid(), is);
    }
  }

  private static EndpointAddress address(Service service, Pod pod) {
    return new EndpointAddressBuilder()
        .withIp(Pods.addresses(pod).getFirst())
        .withNodeName(orAbsent(Pods.node(pod)))
        .withHostname(orAbsent(Backends.hostname(service, pod)))
        .withTargetRef(Backends.reference(pod))
        .build();
  }

  private static EndpointPort port(Port port) {
    return new EndpointPortBuilder()
        .withName(orAbsent(port.name()))
        .withPort(port.number())
        .withProtocol(port.protocol())
        .withAppProtocol(orAbsent(port.appProtocol()))
        .build();
  }

  private static @Nullable String orAbsent(String value) {
    return value.isEmpty() ? null : value;
  }
}
