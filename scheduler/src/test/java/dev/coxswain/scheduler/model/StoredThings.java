package dev.coxswain.scheduler.model;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import dev.coxswain.scheduler.model.StorageObject.Volume;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Claims, volumes and classes for tests, said in few words. Sizes are in bytes. */
public final class StoredThings {
  private StoredThings() {}

  /** A claim in {@code default} that has no volume yet. */
  public static Claim claim(String name, String storageClass, long request) {
    return claim(name, storageClass, request, "", "");
  }

  /** The claim with its volume. */
  public static Claim bound(String name, String volume, String... modes) {
    return new Claim(
        new ObjectKey("default", name),
        "uid-" + name,
        "",
        volume,
        true,
        Claim.State.USABLE,
        "fast",
        "",
        modes.length == 0 ? Set.of("ReadWriteOnce") : Set.of(modes),
        false,
        1,
        LabelSelector.EVERYTHING);
  }

  /** A claim that is being bound. */
  public static Claim claim(
      String name, String storageClass, long request, String volume, String selectedNode) {
    return new Claim(
        new ObjectKey("default", name),
        "uid-" + name,
        "",
        volume,
        false,
        Claim.State.USABLE,
        storageClass,
        selectedNode,
        Set.of("ReadWriteOnce"),
        false,
        request,
        LabelSelector.EVERYTHING);
  }

  /** A volume of class {@code fast} that can be had on these nodes, or on all. */
  public static Volume volume(
      String name, long capacity, Map<String, String> labels, String... on) {
    return new Volume(
        ObjectKey.cluster(name),
        new ObjectKey("", ""),
        "",
        false,
        "fast",
        Set.of("ReadWriteOnce"),
        false,
        capacity,
        labels,
        on.length == 0 ? NodeAffinity.NONE : onNodes(on),
        "disk.example.com",
        "handle-" + name);
  }

  private static NodeAffinity onNodes(String... names) {
    return new NodeAffinity(
        true,
        List.of(
            new NodeAffinity.Term(
                List.of(
                    new Requirement(
                        "kubernetes.io/hostname", Requirement.Operator.IN, List.of(names))),
                List.of())),
        List.of());
  }

  /** A class whose claims wait for their first pod. */
  public static ProvisioningClass waiting(String name, String provisioner) {
    return new ProvisioningClass(ObjectKey.cluster(name), provisioner, true, List.of());
  }
}
