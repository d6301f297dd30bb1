package dev.coxswain.controllers.endpoints;

import dev.coxswain.controllers.endpoints.Backends.Port;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
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

/**
 * The slices that one controller keeps for one owner.
 *
 * @param owner the Service, or the Endpoints that are mirrored, of the same name
 * @param manager who keeps them, as their label says
 * @param inherited the owner's labels that the slices carry, too
 * @param annotations the slices' annotations
 * @param trigger for which change slices are written
 */
record OwnedSlices(
    HasMetadata owner,
    String manager,
    Map<String, String> inherited,
    Map<String, String> annotations,
    TriggerTime trigger) {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";

  /** Slices that may be written together: one family of addresses, one set of ports. */
  record Group(String addressType, List<Port> ports) {}

  /** Brings the slices to hold these endpoints, by as few writes as need be. */
  void write(Map<Group, List<Endpoint>> groups, View view, Actions act) {
    Map<Group, List<EndpointSlice>> existing = existing(view);
    var unneeded = new ArrayList<EndpointSlice>();
    existing.forEach((group, slices) -> {
      if (!groups.containsKey(group)) {
        unneeded.addAll(slices);
      }
    });
    groups.forEach((group, endpoints) ->
        write(group, endpoints, existing.getOrDefault(group, List.of()), unneeded, act));
    unneeded.forEach(act::delete);
  }

  private Map<Group, List<EndpointSlice>> existing(View view) {
    var existing = new LinkedHashMap<Group, List<EndpointSlice>>();
    for (EndpointSlice slice : existing(owner, manager, view)) {
      existing
          .computeIfAbsent(
              new Group(slice.getAddressType(), ports(slice)), group -> new ArrayList<>())
          .add(slice);
    }
    return existing;
  }

  /** The slices that a controller keeps for an owner now, by name. */
  static List<EndpointSlice> existing(HasMetadata owner, String manager, View view) {
    return view.controlledBy(EndpointSlice.class, Meta.uid(owner)).stream()
        .filter(slice -> manager.equals(Meta.labels(slice).get(MANAGED_BY)))
        .filter(slice -> !Meta.deleting(slice))
        .sorted(Comparator.comparing(Meta::name))
        .toList();
  }

  private void write(
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
        create(group, slice.endpoints(), unneeded, act);
      } else if (slice.changed()
          || !labels().equals(Meta.labels(current))
          || !annotations.equals(withoutTrigger(current))) {
        act.update(
            new EndpointSliceBuilder(current)
                .editMetadata()
                .withLabels(labels())
                .withAnnotations(written())
                .endMetadata()
                .withEndpoints(slice.endpoints())
                .build());
      }
    }
    if (placeholder && !placed) {
      create(group, List.of(), unneeded, act);
    }
  }

  /** Takes over a slice that would be deleted, or makes a new one. */
  private void create(
      Group group, List<Endpoint> endpoints, List<EndpointSlice> unneeded, Actions act) {
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
              .withLabels(labels())
              .withAnnotations(written())
              .endMetadata()
              .withPorts(ports(group))
              .withEndpoints(endpoints)
              .build());
      return;
    }
    act.create(
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName(act.generateName(Meta.name(owner) + "-"))
            .withGenerateName(Meta.name(owner) + "-")
            .withNamespace(Meta.namespace(owner))
            .withLabels(labels())
            .withAnnotations(written())
            .withOwnerReferences(Owners.controllerReference(owner))
            .endMetadata()
            .withAddressType(group.addressType())
            .withPorts(ports(group))
            .withEndpoints(endpoints)
            .build());
  }

  private Map<String, String> labels() {
    var labels = new TreeMap<>(inherited);
    labels.put(SERVICE_NAME, Meta.name(owner));
    labels.put(MANAGED_BY, manager);
    return labels;
  }

  private Map<String, String> written() {
    var written = new TreeMap<>(annotations);
    TriggerTime.put(written, trigger.text());
    return written;
  }

  /** The annotation says of a write when it was due; it is no reason for one. */
  private static Map<String, String> withoutTrigger(EndpointSlice slice) {
    var annotations = new TreeMap<>(Meta.annotations(slice));
    annotations.remove(TriggerTime.ANNOTATION);
    return annotations;
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

  private static @Nullable String orAbsent(String value) {
    return value.isEmpty() ? null : value;
  }
}
