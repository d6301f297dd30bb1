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
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps the EndpointSlices of every Service that selects pods. */
public final class EndpointSliceController implements Reconciler<Service> {
  static final String MANAGER = "endpointslice-controller.k8s.io";
  private static final String ZONE = "topology.kubernetes.io/zone";

  @Override
  public String name() {
    return "endpointslice-controller";
  }

  @Override
  public Watches<Service> watches() {
    return Watches.of(Service.class)
        .on(Pod.class, Backends::ofPod)
        .owned(EndpointSlice.class)
        .reads(Node.class);
  }

  @Override
  public Outcome reconcile(Service wanted, View view, Actions act) {
    if (!Backends.selects(wanted) || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    List<Pod> pods = Backends.pods(wanted, view);
    Map<Group, List<Endpoint>> groups = groups(wanted, pods, view);
    for (String addressType : families(wanted)) {
      if (groups.keySet().stream().noneMatch(group -> group.addressType().equals(addressType))) {
        // A Service with nobody behind it has one empty slice, so that it can be told from one
        // whose endpoints were not computed yet.
        groups.put(new Group(addressType, List.of()), List.of());
      }
    }
    TriggerTime trigger = TriggerTime.of(() -> trigger(wanted, pods, groups, view));
    new OwnedSlices(wanted, MANAGER, Backends.labels(wanted), Map.of(), trigger)
        .write(groups, view, act);
    return Outcome.done();
  }

  private static String trigger(
      Service service, List<Pod> pods, Map<Group, List<Endpoint>> groups, View view) {
    List<EndpointSlice> existing = OwnedSlices.existing(service, MANAGER, view);
    return existing.isEmpty()
        ? TriggerTime.ofNew(service)
        : TriggerTime.ofChange(
            pods,
            serving(existing.stream().flatMap(slice -> Meta.list(slice.getEndpoints()).stream())),
            serving(groups.values().stream().flatMap(List::stream)));
  }

  private static Map<String, Boolean> serving(Stream<Endpoint> endpoints) {
    return endpoints
        .filter(endpoint -> endpoint.getTargetRef() != null && endpoint.getConditions() != null)
        .collect(
            Collectors.toMap(
                endpoint -> endpoint.getTargetRef().getUid(),
                endpoint -> Boolean.TRUE.equals(endpoint.getConditions().getServing()),
                Boolean::logicalAnd));
  }

  private static Map<Group, List<Endpoint>> groups(Service service, List<Pod> pods, View view) {
    var groups = new LinkedHashMap<Group, List<Endpoint>>();
    List<String> families = families(service);
    for (Pod pod : pods) {
      List<Port> ports = Backends.ports(service, pod);
      if (Backends.unreachable(service, ports)) {
        continue;
      }
      for (String address : Pods.addresses(pod)) {
        String type = addressType(address);
        if (families.contains(type)) {
          groups
              .computeIfAbsent(new Group(type, ports), group -> new ArrayList<>())
              .add(endpoint(service, pod, address, view));
        }
      }
    }
    return groups;
  }

  private static Endpoint endpoint(Service service, Pod pod, String address, View view) {
    boolean serving = Pods.ready(pod);
    boolean terminating = Meta.deleting(pod);
    String hostname = Backends.hostname(service, pod);
    String zone =
        view.find(Node.class, ObjectKey.cluster(Pods.node(pod)))
            .map(node -> Meta.labels(node).getOrDefault(ZONE, ""))
            .orElse("");
    boolean ready = Backends.publishesUnready(service) || (serving && !terminating);
    return new EndpointBuilder()
        .withAddresses(address)
        .withNewConditions()
        .withReady(ready)
        .withServing(serving)
        .withTerminating(terminating)
        .endConditions()
        .withHostname(orAbsent(hostname))
        .withNodeName(orAbsent(Pods.node(pod)))
        .withZone(orAbsent(zone))
        .withTargetRef(Backends.reference(pod))
        .withHints(ready ? hints(service, zone, Pods.node(pod)) : null)
        .build();
  }

  /** Whom {@code trafficDistribution} sends to an endpoint: those of its zone, or of its node. */
  private static @Nullable EndpointHints hints(Service service, String zone, String node) {
    EndpointHintsBuilder hints = new EndpointHintsBuilder();
    switch (Meta.text(service.getSpec().getTrafficDistribution())) {
      case "PreferClose", "PreferSameZone" -> {}
      case "PreferSameNode" -> {
        if (!node.isEmpty()) {
          hints.addNewForNode(node);
        }
      }
      default -> {
        return null;
      }
    }
    if (!zone.isEmpty()) {
      hints.addNewForZone(zone);
    }
    return hints.hasForNodes() || hints.hasForZones() ? hints.build() : null;
  }

  private static List<String> families(Service service) {
    List<String> families = Meta.list(service.getSpec().getIpFamilies());
    return families.isEmpty() ? List.of("IPv4") : families;
  }

  static String addressType(String address) {
    return address.indexOf(':') >= 0 ? "IPv6" : "IPv4";
  }

  private static @Nullable String orAbsent(String value) {
    return value.isEmpty() ? null : value;
  }
}
