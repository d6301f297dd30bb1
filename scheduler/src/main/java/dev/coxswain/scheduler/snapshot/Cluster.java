package dev.coxswain.scheduler.snapshot;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.scheduler.model.AffinityTerm;
import dev.coxswain.scheduler.model.Budget;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Wishes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Nodes, the pods on them, and counts over both that plugins ask for again and again: each is
 * computed once and from then on follows every change, so that a decision costs what it looks at
 * and not what the cluster holds.
 */
public final class Cluster {
  /**
   * Distinct "which pods" questions whose counts are kept; the one asked longest ago goes first.
   */
  private static final int MAX_TRACKED_MATCHERS = 256;

  /** Distinct topology keys that are kept. */
  private static final int MAX_TRACKED_TOPOLOGIES = 64;

  private static final Comparator<ObjectKey> BY_NAME =
      Comparator.comparing(ObjectKey::namespace).thenComparing(ObjectKey::name);

  private final Map<String, NodeInfo> nodes = new HashMap<>();
  private final Deque<Integer> freeSlots = new ArrayDeque<>();
  private int nextSlot;
  private final Map<ObjectKey, PodInfo> pods = new HashMap<>();
  private final Map<String, Map<String, String>> namespaces = new HashMap<>();
  private final Map<String, Integer> images = new HashMap<>();
  private final Map<PodMatcher, SlotCounts> matchers = lru(MAX_TRACKED_MATCHERS);
  private final Map<String, Topology> topologies = lru(MAX_TRACKED_TOPOLOGIES);
  private final TermCounts<AffinityTerm> near = new TermCounts<>();
  private final TermCounts<AffinityTerm> far = new TermCounts<>();
  private final TermCounts<AffinityTerm.Weighted> rather = new TermCounts<>();
  private final TermCounts<AffinityTerm.Weighted> ratherNot = new TermCounts<>();
  private final Map<String, Map<ObjectKey, PodInfo>> nominated = new HashMap<>();
  private final Map<ObjectKey, Integer> claimUsers = new HashMap<>();
  private final Storage storage = new Storage();
  private final Gangs gangs = new Gangs();
  private final Map<ObjectKey, Budget> budgets = new HashMap<>();
  private @Nullable List<NodeInfo> order;

  private static <K, V> Map<K, V> lru(int limit) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > limit;
      }
    };
  }

  /**
   * The existing nodes, zone by turn: whoever looks only at some of them, one after the other, has
   * looked at all zones.
   */
  public List<NodeInfo> nodes() {
    if (order == null) {
      order = ordered();
    }
    return order;
  }

  private List<NodeInfo> ordered() {
    Map<String, List<NodeInfo>> zones = new TreeMap<>();
    Map<String, NodeInfo> byName = new TreeMap<>(nodes);
    for (NodeInfo node : byName.values()) {
      if (node.exists()) {
        zones.computeIfAbsent(node.spec().zone(), absent -> new ArrayList<>()).add(node);
      }
    }
    List<NodeInfo> all = new ArrayList<>();
    for (int round = 0; all.size() < count(zones.values()); round++) {
      for (List<NodeInfo> zone : zones.values()) {
        if (round < zone.size()) {
          all.add(zone.get(round));
        }
      }
    }
    return List.copyOf(all);
  }

  private static int count(Collection<List<NodeInfo>> zones) {
    return zones.stream().mapToInt(List::size).sum();
  }

  /** The existing node of this name. */
  public Optional<NodeInfo> node(String name) {
    return Optional.ofNullable(nodes.get(name)).filter(NodeInfo::exists);
  }

  /** The pod, if it is on a node or about to be bound to one. */
  public Optional<PodInfo> pod(ObjectKey key) {
    return Optional.ofNullable(pods.get(key));
  }

  /** How many pods are on nodes. */
  public int podCount() {
    return pods.size();
  }

  /** Claims, volumes and what decides about them. */
  public Storage storage() {
    return storage;
  }

  /** Takes over a disruption budget. */
  public void put(Budget budget) {
    budgets.put(budget.key(), budget);
  }

  /** Forgets a disruption budget. */
  public void removeBudget(ObjectKey key) {
    budgets.remove(key);
  }

  /** The disruption budgets. */
  public Collection<Budget> budgets() {
    return Collections.unmodifiableCollection(budgets.values());
  }

  /** Pods that are to run together. */
  public Gangs gangs() {
    return gangs;
  }

  /** How many pods on nodes use a claim. */
  public int usersOf(ObjectKey claim) {
    return claimUsers.getOrDefault(claim, 0);
  }

  /** The labels of every namespace. */
  public Map<String, Map<String, String>> namespaces() {
    return Collections.unmodifiableMap(namespaces);
  }

  /** On how many nodes an image is. */
  public int nodesWithImage(String image) {
    return images.getOrDefault(image, 0);
  }

  /** The domains of a node label. */
  public Topology topology(String key) {
    Topology known = topologies.get(key);
    if (known != null) {
      return known;
    }
    Topology topology = new Topology(key);
    nodes().forEach(node -> topology.put(node.slot(), node.spec().labels().get(key)));
    topologies.put(key, topology);
    return topology;
  }

  /** How many matching pods each node has; the answer is live. */
  public SlotCounts count(PodMatcher matcher) {
    SlotCounts known = matchers.get(matcher);
    if (known != null) {
      return known;
    }
    SlotCounts counts = new SlotCounts();
    for (NodeInfo node : nodes.values()) {
      for (PodInfo pod : node.pods()) {
        if (matcher.matches(pod, namespaces)) {
          counts.add(node.slot(), 1);
        }
      }
    }
    matchers.put(matcher, counts);
    return counts;
  }

  /** What pods on nodes require near them. */
  public TermCounts<AffinityTerm> near() {
    return near;
  }

  /** What pods on nodes will not have near them. */
  public TermCounts<AffinityTerm> far() {
    return far;
  }

  /** What pods on nodes would rather have near them. */
  public TermCounts<AffinityTerm.Weighted> rather() {
    return rather;
  }

  /** What pods on nodes would rather not have near them. */
  public TermCounts<AffinityTerm.Weighted> ratherNot() {
    return ratherNot;
  }

  /** Adds a node or takes over its new state; returns the former one. */
  public Optional<NodeSpec> put(NodeSpec spec) {
    NodeInfo node = nodeOrPlaceholder(spec.name());
    Optional<NodeSpec> before = node.exists() ? Optional.of(node.spec()) : Optional.empty();
    before.ifPresent(former -> countImages(former, -1));
    countImages(spec, 1);
    node.spec(spec);
    for (Topology topology : topologies.values()) {
      topology.put(node.slot(), spec.labels().get(topology.key()));
    }
    if (before.isEmpty() || !before.get().zone().equals(spec.zone())) {
      order = null;
    }
    return before;
  }

  /** Removes a node; its pods are kept until they are heard to be gone. */
  public Optional<NodeSpec> removeNode(String name) {
    NodeInfo node = nodes.get(name);
    if (node == null || !node.exists()) {
      return Optional.empty();
    }
    NodeSpec spec = node.spec();
    countImages(spec, -1);
    node.spec(null);
    topologies.values().forEach(topology -> topology.put(node.slot(), null));
    order = null;
    discardIfUnused(node);
    return Optional.of(spec);
  }

  private void countImages(NodeSpec spec, int sign) {
    spec.images()
        .keySet()
        .forEach(image ->
            images.compute(
                image,
                (name, count) -> {
                  int now = (count == null ? 0 : count) + sign;
                  return now == 0 ? null : now;
                }));
  }

  private NodeInfo nodeOrPlaceholder(String name) {
    return nodes.computeIfAbsent(
        name, absent -> new NodeInfo(freeSlots.isEmpty() ? nextSlot++ : freeSlots.pop(), absent));
  }

  private void discardIfUnused(NodeInfo node) {
    if (!node.exists() && node.pods().isEmpty()) {
      nodes.remove(node.name());
      freeSlots.push(node.slot());
    }
  }

  /** Puts a pod on its node, or takes over its new state; a finished pod is removed. */
  public void put(PodInfo pod) {
    removePod(pod.key());
    if (!pod.assigned() || pod.state() == PodInfo.State.FINISHED) {
      return;
    }
    NodeInfo node = nodeOrPlaceholder(pod.nodeName());
    pods.put(pod.key(), pod);
    node.add(pod);
    account(pod, node.slot(), 1);
  }

  /** Removes a pod from its node; returns it as it was there. */
  public Optional<PodInfo> removePod(ObjectKey key) {
    PodInfo pod = pods.remove(key);
    if (pod == null) {
      return Optional.empty();
    }
    NodeInfo node = nodeOrPlaceholder(pod.nodeName());
    node.remove(pod);
    account(pod, node.slot(), -1);
    discardIfUnused(node);
    return Optional.of(pod);
  }

  private void account(PodInfo pod, int slot, int sign) {
    matchers.forEach((matcher, counts) -> {
      if (matcher.matches(pod, namespaces)) {
        counts.add(slot, sign);
      }
    });
    pod.claims()
        .forEach(use ->
            claimUsers.compute(
                pod.claim(use),
                (claim, users) -> {
                  int now = (users == null ? 0 : users) + sign;
                  return now == 0 ? null : now;
                }));
    Wishes wishes = pod.wishes();
    if (wishes.concernOtherPods()) {
      wishes.near().forEach(term -> near.add(term, slot, sign));
      wishes.far().forEach(term -> far.add(term, slot, sign));
      wishes.rather().forEach(term -> rather.add(term, slot, sign));
      wishes.ratherNot().forEach(term -> ratherNot.add(term, slot, sign));
    }
  }

  /** Takes over a namespace's labels. */
  public void putNamespace(String name, Map<String, String> labels) {
    Map<String, String> before = namespaces.put(name, Map.copyOf(labels));
    if (!labels.equals(before)) {
      // Affinity terms may select namespaces by label: what they were counted with has changed.
      matchers.clear();
    }
  }

  /** Forgets a namespace. */
  public void removeNamespace(String name) {
    if (namespaces.remove(name) != null) {
      matchers.clear();
    }
  }

  /** Notes that room is being made for a pod on a node. */
  public void nominate(PodInfo pod, String node) {
    forgetNomination(pod.key());
    nominated.computeIfAbsent(node, absent -> new TreeMap<>(BY_NAME)).put(pod.key(), pod);
  }

  /** Forgets that room is being made for a pod; returns the node, empty when there was none. */
  public String forgetNomination(ObjectKey pod) {
    Optional<String> node =
        nominated.entrySet().stream()
            .filter(entry -> entry.getValue().remove(pod) != null)
            .map(Map.Entry::getKey)
            .findFirst();
    node.filter(name -> nominatedTo(name).isEmpty()).ifPresent(nominated::remove);
    return node.orElse("");
  }

  /** The pods for which room is being made on a node. */
  public Collection<PodInfo> nominatedTo(String node) {
    return nominated.isEmpty() ? List.of() : nominated.getOrDefault(node, Map.of()).values();
  }
}
