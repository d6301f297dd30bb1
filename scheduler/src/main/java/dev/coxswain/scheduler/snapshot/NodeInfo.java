package dev.coxswain.scheduler.snapshot;

import dev.coxswain.scheduler.model.HostPort;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Resources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A node, its pods, and what they use together. Changed only by {@link Cluster}. */
public final class NodeInfo {
  private final int slot;
  private final String name;
  private @Nullable NodeSpec spec;
  private final List<PodInfo> pods = new ArrayList<>();
  private final List<HostPort> ports = new ArrayList<>();
  private final Map<String, Long> extended = new HashMap<>();
  private long milliCpu;
  private long memory;
  private long ephemeralStorage;
  private long weightMilliCpu;
  private long weightMemory;

  NodeInfo(int slot, String name) {
    this.slot = slot;
    this.name = name;
  }

  /** Its place in arrays that hold something for every node. */
  public int slot() {
    return slot;
  }

  /** The node's name. */
  public String name() {
    return name;
  }

  /** The node; only those that are known to exist are ever offered to plugins. */
  public NodeSpec spec() {
    return Objects.requireNonNull(spec, "a node without a Node object");
  }

  /** Whether there is a Node object; pods may be heard of before it, and after it. */
  boolean exists() {
    return spec != null;
  }

  void spec(@Nullable NodeSpec node) {
    spec = node;
  }

  /** The pods that use it, bound or about to be. */
  public List<PodInfo> pods() {
    return Collections.unmodifiableList(pods);
  }

  /** The host ports in use. */
  public List<HostPort> ports() {
    return Collections.unmodifiableList(ports);
  }

  /** Requested thousandths of a core. */
  public long milliCpu() {
    return milliCpu;
  }

  /** Requested bytes of memory. */
  public long memory() {
    return memory;
  }

  /** Requested bytes of disk. */
  public long ephemeralStorage() {
    return ephemeralStorage;
  }

  /** The requested amount of another resource. */
  public long extended(String resource) {
    return extended.getOrDefault(resource, 0L);
  }

  /** The requested amount of any resource. */
  public long requested(String resource) {
    return switch (resource) {
      case "cpu" -> milliCpu;
      case "memory" -> memory;
      case "ephemeral-storage" -> ephemeralStorage;
      default -> extended(resource);
    };
  }

  /** As {@link #milliCpu()}, counting pods that request none with a small amount. */
  public long weightMilliCpu() {
    return weightMilliCpu;
  }

  /** As {@link #memory()}, counting pods that request none with a small amount. */
  public long weightMemory() {
    return weightMemory;
  }

  void add(PodInfo pod) {
    pods.add(pod);
    ports.addAll(pod.hostPorts());
    account(pod, 1);
  }

  void remove(PodInfo pod) {
    for (int index = 0; index < pods.size(); index++) {
      if (pods.get(index).key().equals(pod.key())) {
        PodInfo removed = pods.remove(index);
        removed.hostPorts().forEach(ports::remove);
        account(removed, -1);
        return;
      }
    }
    throw new IllegalStateException("pod " + pod.key() + " is not on node " + name);
  }

  private void account(PodInfo pod, int sign) {
    Resources requests = pod.requests();
    milliCpu += sign * requests.milliCpu();
    memory += sign * requests.memory();
    ephemeralStorage += sign * requests.ephemeralStorage();
    requests
        .extended()
        .forEach((resource, amount) -> extended.merge(resource, sign * amount, Long::sum));
    weightMilliCpu += sign * pod.weight().milliCpu();
    weightMemory += sign * pod.weight().memory();
  }

  @Override
  public String toString() {
    return name;
  }
}
