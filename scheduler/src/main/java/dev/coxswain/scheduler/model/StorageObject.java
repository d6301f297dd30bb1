package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the cluster says of storage, as far as it decides where pods go. Sizes are in bytes. */
public sealed interface StorageObject {
  /** Its name, with the namespace of those that have one. */
  ObjectKey key();

  /**
   * A claim.
   *
   * @param volume the volume that it has or asks for; empty for none
   * @param bound whether the binder has finished with it
   * @param owner the uid of the object that controls it; empty for none
   * @param selectedNode the node for which its volume is being made; empty for none
   */
  record Claim(
      ObjectKey key,
      String uid,
      String owner,
      String volume,
      boolean bound,
      State state,
      String storageClass,
      String selectedNode,
      Set<String> accessModes,
      boolean block,
      long request,
      LabelSelector selector)
      implements StorageObject {
    /** What stands against using it. */
    public enum State {
      USABLE,
      /** Its volume is gone, and the data with it. */
      LOST,
      DELETING
    }

    public Claim {
      accessModes = Set.copyOf(accessModes);
    }

    /** Whether it has its volume. */
    public boolean settled() {
      return bound && !volume.isEmpty();
    }
  }

  /**
   * A volume.
   *
   * @param claim the claim that has it, or for which it is kept; its name is empty for none
   * @param claimUid which incarnation of that claim; empty while nobody said
   * @param reach the nodes that can reach it
   * @param driver its CSI driver; empty for other kinds
   * @param handle what the driver calls it
   */
  record Volume(
      ObjectKey key,
      ObjectKey claim,
      String claimUid,
      boolean deleting,
      String storageClass,
      Set<String> accessModes,
      boolean block,
      long capacity,
      Map<String, String> labels,
      NodeAffinity reach,
      String driver,
      String handle)
      implements StorageObject {
    public Volume {
      accessModes = Set.copyOf(accessModes);
      labels = Map.copyOf(labels);
    }

    /** Whether a claim may still get it. */
    public boolean open() {
      return claimUid.isEmpty() && !deleting;
    }

    /** Whether it is kept for the claim, be it by name only. */
    public boolean keptFor(Claim other) {
      return claim.equals(other.key()) && (claimUid.isEmpty() || claimUid.equals(other.uid()));
    }

    /** Whether it would do for the claim. */
    public boolean suits(Claim wanted) {
      if (keptFor(wanted)) {
        return capacity >= wanted.request() && block == wanted.block();
      }
      return open()
          && claim.name().isEmpty()
          && storageClass.equals(wanted.storageClass())
          && block == wanted.block()
          && capacity >= wanted.request()
          && accessModes.containsAll(wanted.accessModes())
          && wanted.selector().matches(labels);
    }
  }

  /**
   * A storage class.
   *
   * @param waits whether its claims wait for their first pod
   * @param topologies where its volumes may be made: one of these conjunctions; empty for anywhere
   */
  record ProvisioningClass(
      ObjectKey key, String provisioner, boolean waits, List<List<Requirement>> topologies)
      implements StorageObject {
    private static final String NONE = "kubernetes.io/no-provisioner";

    public ProvisioningClass {
      topologies = topologies.stream().map(List::copyOf).toList();
    }

    /** Whether a volume can be made for the node. */
    public boolean provisionsFor(NodeSpec node) {
      return !provisioner.isEmpty()
          && !provisioner.equals(NONE)
          && (topologies.isEmpty()
              || topologies.stream()
                  .anyMatch(all ->
                      all.stream().allMatch(requirement -> requirement.matches(node.labels()))));
    }
  }

  /** A CSINode: how many volumes of each driver the node takes, where the driver says so. */
  record NodeDrivers(ObjectKey key, Map<String, Integer> limits) implements StorageObject {
    public NodeDrivers {
      limits = Map.copyOf(limits);
    }
  }

  /** A volume that is, or is being, attached to a node. */
  record Attachment(ObjectKey key, String driver, String node, String volume)
      implements StorageObject {}

  /** A CSI driver, and whether it tells how much room there is. */
  record Driver(ObjectKey key, boolean tellsCapacity) implements StorageObject {}

  /**
   * How much room a driver has for a class.
   *
   * @param nodes on which nodes
   * @param largest the largest volume that can be made there
   */
  record Capacity(ObjectKey key, String storageClass, LabelSelector nodes, long largest)
      implements StorageObject {}
}
