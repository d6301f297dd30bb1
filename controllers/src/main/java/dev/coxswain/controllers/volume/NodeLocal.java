package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.node.NodeFit;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The provisioner that is built in: a directory on the node where the claim's first pod runs. It
 * keeps data where it is; it neither limits nor copies it, and the directory of a deleted volume
 * stays until somebody removes it: nothing here reaches into a node.
 */
final class NodeLocal {
  /** {@code .provisioner} of its storage classes. */
  static final String PROVISIONER = "coxswain.dev/node-local";

  private static final String DIRECTORY = "/var/lib/coxswain/volumes/";
  private static final Set<String> MODES = Set.of("ReadWriteOnce", "ReadWriteOncePod");

  private NodeLocal() {}

  /** Makes a volume for the claim; it is kept for it from the start. */
  static void provision(
      PersistentVolumeClaim claim, StorageClass storageClass, Optional<String> node, Actions act) {
    String obstacle =
        node.isEmpty()
            ? "storage class needs volumeBindingMode: WaitForFirstConsumer"
            : !MODES.containsAll(Meta.list(claim.getSpec().getAccessModes()))
                ? "a directory of one node has access modes " + String.join(", ", sorted())
                : "Block".equals(claim.getSpec().getVolumeMode())
                    ? "a directory is no block device"
                    : "";
    if (!obstacle.isEmpty()) {
      act.warning(
          claim,
          "ProvisioningFailed",
          "failed to provision volume with StorageClass \""
              + Meta.name(storageClass)
              + "\": "
              + obstacle);
      return;
    }
    String name = "pvc-" + Meta.uid(claim);
    act.create(
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName(name)
            .addToAnnotations(Volumes.PROVISIONED_BY, PROVISIONER)
            .endMetadata()
            .withNewSpec()
            .withCapacity(claim.getSpec().getResources().getRequests())
            .withAccessModes(claim.getSpec().getAccessModes())
            .withStorageClassName(Meta.name(storageClass))
            .withVolumeMode("Filesystem")
            .withPersistentVolumeReclaimPolicy(
                Meta.text(storageClass.getReclaimPolicy()).isEmpty()
                    ? "Delete"
                    : storageClass.getReclaimPolicy())
            .withNewClaimRef()
            .withApiVersion("v1")
            .withKind("PersistentVolumeClaim")
            .withNamespace(Meta.namespace(claim))
            .withName(Meta.name(claim))
            .withUid(Meta.uid(claim))
            .endClaimRef()
            .withNewHostPath()
            .withPath(DIRECTORY + name)
            .withType("DirectoryOrCreate")
            .endHostPath()
            .withNewNodeAffinity()
            .withNewRequired()
            .addNewNodeSelectorTerm()
            .addNewMatchField()
            .withKey("metadata.name")
            .withOperator("In")
            .withValues(node.get())
            .endMatchField()
            .endNodeSelectorTerm()
            .endRequired()
            .endNodeAffinity()
            .endSpec()
            .build());
    act.normal(claim, "ProvisioningSucceeded", "Successfully provisioned volume " + name);
  }

  /** Whether the volume can be had on the node. */
  static boolean reachable(PersistentVolume volume, String nodeName, View view) {
    var affinity = volume.getSpec().getNodeAffinity();
    NodeSelector required = affinity == null ? null : affinity.getRequired();
    if (required == null) {
      return true;
    }
    var asPod =
        new PodSpecBuilder()
            .withAffinity(
                new AffinityBuilder()
                    .withNewNodeAffinity()
                    .withRequiredDuringSchedulingIgnoredDuringExecution(required)
                    .endNodeAffinity()
                    .build())
            .build();
    return view.find(Node.class, ObjectKey.cluster(nodeName))
        .filter(node -> NodeFit.selects(asPod, node))
        .isPresent();
  }

  private static List<String> sorted() {
    return MODES.stream().sorted().toList();
  }
}
