package dev.coxswain.controllers.endpoints;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.endpoints.Backends.Port;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps the EndpointSlices of every Service that selects pods. */
public final class EndpointSliceController implements Reconciler<Service> {
  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
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

  /** Slices that may be written together: one family of addresses, one set of ports. */
  private record Group(String addressType, List<Port> ports) {}

  @Override
  public Outcome reconcile(Service wanted, View view, Actions act) {
    if (!Backends.selects(wanted) || Meta.deleting(wanted)) {
      return Outcome.done();
    }
    Map<Group, List<Endpoint>> groups = groups(wanted, view);
    for (String addressType : families(wanted)) {
      if (groups.keySet().stream().noneMatch(group -> group.addressType().equals(addressType))) {
        // A Service with nobody behind it has one empty slice, so that it can be told from one
        // whose endpoints were not computed yet.
        groups.put(new Group(addressType, List.of()), List.of());
      }
    }
    Map<Group, List<EndpointSlice>> existing = existing(wanted, view);
    var unneeded = new ArrayList<EndpointSlice>();
    existing.forEach((group, slices) -> {
      if (!groups.containsKey(group)) {
        unneeded.addAll(slices);
      }
    });
    groups.forEach((group, endpoints) ->
        write(wanted, group, endpoints, existing.getOrDefault(group, List.of()), unneeded, act));
    unneeded.forEach(act::delete);
    return Outcome.done();
  }

  private static Map<Group, List<Endpoint>> groups(Service service, View view) {
    var groups = new LinkedHashMap<Group, List<Endpoint>>();
    List<String> families = families(service);
    for (Pod pod : Backends.pods(service, view)) {
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
    return new EndpointBuilder()
        .withAddresses(address)
        .withNewConditions()
        .withReady(Backends.publishesUnready(service) || (serving && !terminating))
        .withServing(serving)
        .withTerminating(terminating)
        .endConditions()
        .withHostname(orAbsent(hostname))
        .withNodeName(orAbsent(Pods.node(pod)))
        .withZone(orAbsent(zone))
        .withTargetRef(Backends.reference(pod))
        .build();
  }

  private static Map<Group, List<EndpointSlice>> existing(Service service, View view) {
    var existing = new LinkedHashMap<Group, List<EndpointSlice>>();
    view.controlledBy(EndpointSlice.class, Meta.uid(service)).stream()
        .filter(slice -> MANAGER.equals(Meta.labels(slice).get(MANAGED_BY)))
        .filter(slice -> !Meta.deleting(slice))
        .sorted(Comparator.comparing(Meta::name))
        .forEach(slice ->
            existing
                .computeIfAbsent(
                    new Group(slice.getAddressType(), ports(slice)), group -> new ArrayList<>())
                .add(slice));
    return existing;
  }

  private static void write(
      Service service,
      Group group,
      List<Endpoint> endpoints,
      List<EndpointSlice> existing,
      List<EndpointSlice> unneeded,
      Actions act) {
    List<SlicePlan.Slice> plan =
        SlicePlan.plan(
            existing.stream().map(slice -> Meta.list(slice.getEndpoints())).toList(), endpoints);
    boolean placeholder = endpoints.isEmpty();
    boolean placed = false;
    for (SlicePlan.Slice slice : plan) {
      EndpointSlice current = slice.existing().map(existing::get).orElse(null);
      boolean keep = !slice.endpoints().isEmpty() || (placeholder && !placed);
      placed |= keep;
      if (current != null && !keep) {
        unneeded.add(current);
      } else if (current == null) {
        create(service, group, slice.endpoints(), unneeded, act);
      } else if (slice.changed() || !labels(service).equals(Meta.labels(current))) {
        act.update(
            new EndpointSliceBuilder(current)
                .editMetadata()
                .withLabels(labels(service))
                .endMetadata()
                .withEndpoints(slice.endpoints())
                .build());
      }
    }
    if (placeholder && !placed) {
      create(service, group, List.of(), unneeded, act);
    }
  }

  /** Takes over a slice that would be deleted, or makes a new one. */
  private static void create(
      Service service,
      Group group,
      List<Endpoint> endpoints,
      List<EndpointSlice> unneeded,
      Actions act) {
    EndpointSlice reused =
        unneeded.stream()
            .filter(slice -> slice.getAddressType().equals(group.addressType()))
            .findFirst()
            .orElse(null);
    if (reused != null) {
      unneeded.remove(reused);
      act.update(
          new EndpointSliceBuilder(reused)
              .editMetadata()
              .withLabels(labels(service))
              .endMetadata()
              .withPorts(ports(group))
              .withEndpoints(endpoints)
              .build());
      return;
    }
    act.create(
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName(act.generateName(Meta.name(service) + "-"))
            .withGenerateName(Meta.name(service) + "-")
            .withNamespace(Meta.namespace(service))
            .withLabels(labels(service))
            .withOwnerReferences(Owners.controllerReference(service))
            .endMetadata()
            .withAddressType(group.addressType())
            .withPorts(ports(group))
            .withEndpoints(endpoints)
            .build());
  }

  private static Map<String, String> labels(Service service) {
    var labels = new TreeMap<>(Backends.labels(service));
    labels.put(SERVICE_NAME, Meta.name(service));
    labels.put(MANAGED_BY, MANAGER);
    return labels;
  }

  private static List<EndpointPort> ports(Group group) {
    return group.ports().stream()
        .map(port ->
            new EndpointPortBuilder()
                .withName(port.name())
                .withPort(port.number())
                .withProtocol(port.protocol())
                .withAppProtocol(orAbsent(port.appProtocol()))
                .build())
        .toList();
  }

  private static List<Port> ports(EndpointSlice slice) {
    return Meta.list(slice.getPorts()).stream()
        .map(port ->
            new Port(
                Meta.text(port.getName()),
                Meta.number(port.getPort(), 0),
                Meta.text(port.getProtocol()),
                Meta.text(port.getAppProtocol())))
        .toList();
  }

  private static List<String> families(Service service) {
    List<String> families = Meta.list(service.getSpec().getIpFamilies());
    return families.isEmpty() ? List.of("IPv4") : families;
  }

  private static String addressType(String address) {
    return address.indexOf(':') >= 0 ? "IPv6" : "IPv4";
  }

  private static @Nullable String orAbsent(String value) {
    return value.isEmpty() ? null : value;
  }
}
