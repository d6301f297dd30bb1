package dev.coxswain.kubelet.worker;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/**
 * What pods are told of their node.
 *
 * @param address the node's internal address
 * @param allocatable what all pods together may use
 */
public record NodeFacts(String name, String address, Map<String, Quantity> allocatable) {
  public NodeFacts {
    allocatable = Map.copyOf(allocatable);
  }
}
