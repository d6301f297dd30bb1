package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What volumes and claims say of each other. */
public final class Volumes {
  /** Index of pods by the claims that they use. */
  public static final String CLAIM_INDEX = "claim";

  /** When to look again, where the cache lags behind what there is. */
  static final Duration UNTIL_THE_CACHE_KNOWS = Duration.ofSeconds(1);

  static final String BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
  static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
  static final String PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
  static final String PROVISIONER = "volume.kubernetes.io/storage-provisioner";
  static final String OLD_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";
  static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

  private Volumes() {}

  /** The values of {@link #CLAIM_INDEX}: the claims of a pod that has not ended. */
  public static Collection<String> claims(Pod pod) {
    return claimKeys(pod).stream().map(ObjectKey::toString).toList();
  }

  /** The claims of a pod that has not ended. */
  public static Collection<ObjectKey> claimKeys(Pod pod) {
    if (Pods.finished(pod) || pod.getSpec() == null) {
      return List.of();
    }
    return Meta.list(pod.getSpec().getVolumes()).stream()
        .flatMap(volume ->
            volume.getPersistentVolumeClaim() != null
                ? Stream.of(volume.getPersistentVolumeClaim().getClaimName())
                : volume.getEphemeral() != null
                    ? Stream.of(Meta.name(pod) + "-" + volume.getName())
                    : Stream.empty())
        .map(name -> new ObjectKey(Meta.namespace(pod), name))
        .toList();
  }

  /** The claim that a volume is for. */
  public static Optional<ObjectKey> claimKey(PersistentVolume volume) {
    return Optional.ofNullable(volume.getSpec().getClaimRef())
        .map(claim -> new ObjectKey(Meta.text(claim.getNamespace()), Meta.text(claim.getName())));
  }

  /** Whether the volume is kept for the claim, be it by name only. */
  static boolean reservedFor(PersistentVolume volume, PersistentVolumeClaim claim) {
    ObjectReference reference = volume.getSpec().getClaimRef();
    return reference != null
        && Meta.key(claim).equals(claimKey(volume).orElseThrow())
        && (Meta.text(reference.getUid()).isEmpty() || reference.getUid().equals(Meta.uid(claim)));
  }

  /** Whether a volume that nobody has would do for the claim, its size apart. */
  static boolean suits(PersistentVolume volume, PersistentVolumeClaim claim) {
    var has = volume.getSpec();
    var wants = claim.getSpec();
    return Meta.text(has.getStorageClassName()).equals(Meta.text(wants.getStorageClassName()))
        && mode(has.getVolumeMode()).equals(mode(wants.getVolumeMode()))
        && Meta.list(has.getAccessModes()).containsAll(Meta.list(wants.getAccessModes()))
        && (wants.getSelector() == null
            || Selectors.matches(wants.getSelector(), Meta.labels(volume)))
        && size(has.getCapacity()).compareTo(request(claim)) >= 0
        && !Meta.deleting(volume);
  }

  static dev.coxswain.api.quantity.Quantity request(PersistentVolumeClaim claim) {
    var resources = claim.getSpec().getResources();
    return size(resources == null ? null : resources.getRequests());
  }

  static dev.coxswain.api.quantity.Quantity size(@Nullable Map<String, Quantity> amounts) {
    Quantity storage = Meta.map(amounts).get("storage");
    return storage == null
        ? dev.coxswain.api.quantity.Quantity.ZERO
        : dev.coxswain.api.quantity.Quantity.parse(storage.toString());
  }

  static boolean annotated(HasMetadata object, String annotation) {
    return Meta.annotations(object).containsKey(annotation);
  }

  /** Its phase; one without any is pending. */
  public static String phase(PersistentVolumeClaim claim) {
    return claim.getStatus() == null || Meta.text(claim.getStatus().getPhase()).isEmpty()
        ? "Pending"
        : claim.getStatus().getPhase();
  }

  private static String mode(@Nullable String mode) {
    return mode == null || mode.isEmpty() ? "Filesystem" : mode;
  }
}
