package dev.coxswain.proxy.service;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Follows Services and EndpointSlices and remembers which services changed since somebody last
 * asked, so that a change costs what the change is and not what the cluster is.
 */
public final class ServiceTracker {
  private static final String ZONE = "topology.kubernetes.io/zone";

  private final String nodeName;
  private final Set<String> servedElsewhere;
  private final Runnable changed;

  /** Guards everything below: informer threads write, the rule writer reads. */
  private final Object lock = new Object();

  private Place place;

  private final Map<ObjectKey, Served> services = new HashMap<>();
  private final Map<ObjectKey, Map<String, SliceEndpoints>> slices = new HashMap<>();
  private final Set<ObjectKey> dirty =
      new TreeSet<>(java.util.Comparator.comparing(ObjectKey::toString));

  /**
   * What there is of a service.
   *
   * @param ports its ports, at least one
   * @param healthPort where nodes say whether they have endpoints of it; 0 for nowhere
   */
  private record Served(List<ServicePort> ports, int healthPort) {
    static final Served NOTHING = new Served(List.of(), 0);
  }

  /**
   * Tracks for a node.
   *
   * @param nodeName tells which endpoints are local
   * @param servedElsewhere cluster addresses that need no rules, such as that of the node's own DNS
   * @param changed called, without waiting, after every change
   */
  public ServiceTracker(String nodeName, Set<String> servedElsewhere, Runnable changed) {
    this.nodeName = nodeName;
    this.place = new Place(nodeName, "");
    this.servedElsewhere = Set.copyOf(servedElsewhere);
    this.changed = changed;
  }

  /** The services that changed since the last call, each with its ports; without any when gone. */
  public Map<ObjectKey, List<PortState>> takeChanges() {
    synchronized (lock) {
      Map<ObjectKey, List<PortState>> changes = new LinkedHashMap<>();
      dirty.forEach(key -> changes.put(key, state(key)));
      dirty.clear();
      return changes;
    }
  }

  /** The ports at which nodes say whether they have endpoints of a service. */
  public Map<ObjectKey, Integer> healthPorts() {
    Map<ObjectKey, Integer> ports = new HashMap<>();
    synchronized (lock) {
      services.forEach((key, served) -> {
        if (served.healthPort() != 0) {
          ports.put(key, served.healthPort());
        }
      });
    }
    return ports;
  }

  /** How many ready endpoints of a service are on this node. */
  public int localEndpoints(ObjectKey key) {
    synchronized (lock) {
      return (int)
          slices.getOrDefault(key, Map.of()).values().stream()
              .flatMap(slice -> slice.addresses().stream())
              .filter(endpoint -> endpoint.local() && endpoint.ready())
              .map(Endpoint::address)
              .distinct()
              .count();
    }
  }

  private List<PortState> state(ObjectKey key) {
    Map<String, SliceEndpoints> behind = slices.getOrDefault(key, Map.of());
    List<PortState> states = new ArrayList<>();
    for (ServicePort port : services.getOrDefault(key, Served.NOTHING).ports()) {
      // One target may stand in two slices for a moment while it moves between them.
      Map<String, Endpoint> endpoints = new TreeMap<>();
      for (SliceEndpoints slice : behind.values()) {
        slice
            .of(port)
            .forEach(
                endpoint -> endpoints.merge(endpoint.target(), endpoint, ServiceTracker::better));
      }
      states.add(new PortState(port, List.copyOf(endpoints.values()), place));
    }
    return List.copyOf(states);
  }

  private static Endpoint better(Endpoint one, Endpoint other) {
    return other.ready() && !one.ready() ? other : one;
  }

  /** What to hang on the Service informer. */
  public Informer.Handler<Service> serviceHandler() {
    return new Informer.Handler<>() {
      @Override
      public void added(Service service) {
        put(service);
      }

      @Override
      public void updated(Service before, Service after) {
        put(after);
      }

      @Override
      public void deleted(Service last) {
        ObjectKey key = ServicePorts.key(last);
        change(key, () -> services.remove(key) != null);
      }

      private void put(Service service) {
        ObjectKey key = ServicePorts.key(service);
        List<ServicePort> ports = ServicePorts.of(service, servedElsewhere);
        Served served = new Served(ports, ServicePorts.healthPort(service));
        change(
            key,
            () ->
                ports.isEmpty()
                    ? services.remove(key) != null
                    : !served.equals(services.put(key, served)));
      }
    };
  }

  /** What to hang on the Node informer: which endpoints are near depends on the node's zone. */
  public Informer.Handler<Node> nodeHandler() {
    return new Informer.Handler<>() {
      @Override
      public void added(Node node) {
        put(node);
      }

      @Override
      public void updated(Node before, Node after) {
        put(after);
      }

      @Override
      public void deleted(Node last) {}

      private void put(Node node) {
        if (!nodeName.equals(node.getMetadata().getName())) {
          return;
        }
        Map<String, String> labels = node.getMetadata().getLabels();
        Place now = new Place(nodeName, labels == null ? "" : labels.getOrDefault(ZONE, ""));
        synchronized (lock) {
          if (now.equals(place)) {
            return;
          }
          place = now;
          dirty.addAll(services.keySet());
        }
        changed.run();
      }
    };
  }

  /** What to hang on the EndpointSlice informer. */
  public Informer.Handler<EndpointSlice> sliceHandler() {
    return new Informer.Handler<>() {
      @Override
      public void added(EndpointSlice slice) {
        put(slice);
      }

      @Override
      public void updated(EndpointSlice before, EndpointSlice after) {
        // The owning service may have been relabelled away.
        if (!SliceEndpoints.service(before).equals(SliceEndpoints.service(after))) {
          deleted(before);
        }
        put(after);
      }

      @Override
      public void deleted(EndpointSlice last) {
        SliceEndpoints.service(last)
            .ifPresent(key ->
                change(
                    key,
                    () -> {
                      Map<String, SliceEndpoints> all = slices.get(key);
                      boolean removed =
                          all != null && all.remove(last.getMetadata().getName()) != null;
                      if (all != null && all.isEmpty()) {
                        slices.remove(key);
                      }
                      return removed;
                    }));
      }

      private void put(EndpointSlice slice) {
        SliceEndpoints endpoints = SliceEndpoints.of(slice, nodeName);
        SliceEndpoints.service(slice)
            .ifPresent(key ->
                change(
                    key,
                    () ->
                        !endpoints.equals(
                            slices
                                .computeIfAbsent(key, absent -> new TreeMap<>())
                                .put(slice.getMetadata().getName(), endpoints))));
      }
    };
  }

  private void change(ObjectKey key, java.util.function.BooleanSupplier edit) {
    synchronized (lock) {
      if (!edit.getAsBoolean()) {
        return;
      }
      dirty.add(key);
    }
    changed.run();
  }
}
