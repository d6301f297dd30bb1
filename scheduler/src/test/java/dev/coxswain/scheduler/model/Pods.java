package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Pods and nodes for tests, said in few words. */
public final class Pods {
  private Pods() {}

  /** A pod in {@code default} that asks for so much. */
  public static PodInfo pod(String name, long milliCpu, long megabytes) {
    Resources requests = Resources.of(milliCpu, megabytes << 20);
    return new PodInfo(
        new ObjectKey("default", name),
        "uid-" + name,
        "default-scheduler",
        "",
        "",
        PodInfo.State.ALIVE,
        0,
        true,
        requests,
        new Resources(
            milliCpu == 0 ? PodReader.ASSUMED_MILLI_CPU : milliCpu,
            megabytes == 0 ? PodReader.ASSUMED_MEMORY : megabytes << 20,
            0,
            Map.of()),
        List.of(),
        Map.of(),
        Wishes.NONE,
        List.of(),
        "",
        List.of(),
        List.of(),
        false,
        Instant.EPOCH);
  }

  /** The pod with a change. */
  public static PodInfo with(PodInfo pod, Change change) {
    Draft draft = new Draft(pod);
    change.to(draft);
    return draft.pod();
  }

  /** What to change. */
  @FunctionalInterface
  public interface Change {
    void to(Draft draft);
  }

  /** A pod whose parts can be set. */
  public static final class Draft {
    private final PodInfo pod;
    public String uid;
    public String schedulerName;
    public PodInfo.State state;
    public int priority;
    public boolean preempts;
    public Resources requests;
    public List<HostPort> hostPorts;
    public Map<String, String> labels;
    public Wishes wishes;
    public List<String> images;
    public String owner;
    public List<String> gates;
    public List<PodInfo.ClaimUse> claims;
    public boolean devices;

    private Draft(PodInfo pod) {
      this.pod = pod;
      this.uid = pod.uid();
      this.schedulerName = pod.schedulerName();
      this.state = pod.state();
      this.priority = pod.priority();
      this.preempts = pod.preempts();
      this.requests = pod.requests();
      this.hostPorts = pod.hostPorts();
      this.labels = pod.labels();
      this.wishes = pod.wishes();
      this.images = pod.images();
      this.owner = pod.owner();
      this.gates = pod.gates();
      this.claims = pod.claims();
      this.devices = pod.devices();
    }

    private PodInfo pod() {
      return new PodInfo(
          pod.key(),
          uid,
          schedulerName,
          pod.nodeName(),
          pod.nominatedNode(),
          state,
          priority,
          preempts,
          requests,
          pod.weight(),
          hostPorts,
          labels,
          wishes,
          images,
          owner,
          gates,
          claims,
          devices,
          pod.since());
    }
  }

  /** A node of this size that takes 110 pods, labelled with its name. */
  public static NodeSpec node(String name, long milliCpu, long megabytes) {
    return new NodeSpec(
        name,
        Map.of("kubernetes.io/hostname", name),
        List.of(),
        false,
        Resources.of(milliCpu, megabytes << 20),
        110,
        Map.of());
  }

  /** The node with more labels. */
  public static NodeSpec labelled(NodeSpec node, String... pairs) {
    var labels = new java.util.HashMap<>(node.labels());
    for (int index = 0; index < pairs.length; index += 2) {
      labels.put(pairs[index], pairs[index + 1]);
    }
    return new NodeSpec(
        node.name(),
        labels,
        node.taints(),
        node.unschedulable(),
        node.allocatable(),
        node.maxPods(),
        node.images());
  }

  /** The node with these taints. */
  public static NodeSpec tainted(NodeSpec node, Taint... taints) {
    return new NodeSpec(
        node.name(),
        node.labels(),
        List.of(taints),
        node.unschedulable(),
        node.allocatable(),
        node.maxPods(),
        node.images());
  }

  /** The node, cordoned or not. */
  public static NodeSpec cordoned(NodeSpec node, boolean unschedulable) {
    return new NodeSpec(
        node.name(),
        node.labels(),
        node.taints(),
        unschedulable,
        node.allocatable(),
        node.maxPods(),
        node.images());
  }

  /** Only a node selector. */
  public static Wishes selecting(Map<String, String> labels) {
    return new Wishes(
        labels,
        NodeAffinity.NONE,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** Only tolerations. */
  public static Wishes tolerating(Toleration... tolerations) {
    return new Wishes(
        Map.of(),
        NodeAffinity.NONE,
        List.of(tolerations),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** No pod with these labels within the same value of the topology key. */
  public static Wishes farFrom(String topologyKey, Map<String, String> labels) {
    return new Wishes(
        Map.of(),
        NodeAffinity.NONE,
        List.of(),
        List.of(),
        List.of(term(topologyKey, labels)),
        List.of(),
        List.of(),
        List.of());
  }

  /** Near a pod with these labels. */
  public static Wishes nearTo(String topologyKey, Map<String, String> labels) {
    return new Wishes(
        Map.of(),
        NodeAffinity.NONE,
        List.of(),
        List.of(term(topologyKey, labels)),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** Spread strictly over a topology key with the pods of these labels. */
  public static Wishes spread(String topologyKey, int maxSkew, Map<String, String> labels) {
    return new Wishes(
        Map.of(),
        NodeAffinity.NONE,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(
            new SpreadConstraint(
                maxSkew, topologyKey, true, LabelSelector.ofLabels(labels), 1, true, false)));
  }

  /** An affinity term within {@code default}. */
  public static AffinityTerm term(String topologyKey, Map<String, String> labels) {
    return new AffinityTerm(
        topologyKey, Set.of("default"), LabelSelector.NOTHING, LabelSelector.ofLabels(labels));
  }
}
