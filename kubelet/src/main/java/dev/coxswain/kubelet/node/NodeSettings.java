package dev.coxswain.kubelet.node;

import dev.coxswain.kubelet.pressure.EvictionSettings;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the operator says of this node.
 *
 * @param address its internal address
 * @param podCidr the addresses of its pods; empty if somebody else assigns them
 * @param labels beside the well-known ones
 * @param reserved what pods may not use, by resource
 * @param eviction when the node is short of something; what hard thresholds keep free is not the
 *     pods' either
 */
public record NodeSettings(
    String name,
    String address,
    String podCidr,
    int port,
    int maxPods,
    Map<String, String> labels,
    Map<String, Quantity> reserved,
    EvictionSettings eviction) {
  public NodeSettings {
    labels = Map.copyOf(labels);
    reserved = Map.copyOf(reserved);
  }

  /** What the machine has. */
  public Map<String, Quantity> capacity(MachineInfo machine) {
    Map<String, Quantity> capacity = new LinkedHashMap<>();
    capacity.put("cpu", new Quantity(Integer.toString(machine.cpus())));
    capacity.put("memory", new Quantity(Long.toString(machine.memoryBytes() / 1024), "Ki"));
    capacity.put(
        "ephemeral-storage", new Quantity(Long.toString(machine.storageBytes() / 1024), "Ki"));
    machine
        .hugePages()
        .forEach((resource, bytes) ->
            capacity.put(
                resource,
                bytes == 0 ? new Quantity("0") : new Quantity(Long.toString(bytes / 1024), "Ki")));
    capacity.put("pods", new Quantity(Integer.toString(maxPods)));
    return capacity;
  }

  /** What pods may use of it. */
  public Map<String, Quantity> allocatable(MachineInfo machine) {
    Map<String, Quantity> allocatable = capacity(machine);
    reserved.forEach((resource, amount) ->
        allocatable.computeIfPresent(resource, (same, all) -> minus(resource, all, amount)));
    // Memory that is set aside for huge pages is no other memory.
    long huge = machine.hugePages().values().stream().mapToLong(Long::longValue).sum();
    if (huge > 0) {
      allocatable.computeIfPresent(
          "memory", (same, all) -> minus(same, all, new Quantity(Long.toString(huge))));
    }
    eviction
        .reserved(machine.memoryBytes(), machine.storageBytes())
        .forEach((resource, amount) ->
            allocatable.computeIfPresent(
                resource,
                (same, all) -> minus(resource, all, new Quantity(Long.toString(amount)))));
    return allocatable;
  }

  private static Quantity minus(String resource, Quantity all, Quantity reserved) {
    BigDecimal left =
        Quantity.getAmountInBytes(all)
            .subtract(Quantity.getAmountInBytes(reserved))
            .max(BigDecimal.ZERO);
    return resource.equals("cpu")
        ? new Quantity(left.movePointRight(3).toBigInteger().toString(), "m")
        : new Quantity(
            left.toBigInteger().divide(java.math.BigInteger.valueOf(1024)).toString(), "Ki");
  }
}
