package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.object.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
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

  /** Annotation: the class of a claim or volume, from before there was a field for it. */
  static final String OLD_CLASS = "volume.beta.kubernetes.io/storage-class";

  private static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

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

  /** Whether the volume was bound to its claim, or made for it, and not only asked for by name. */
  static boolean reservedBySystem(PersistentVolume volume) {
    ObjectReference reference = volume.getSpec().getClaimRef();
    return reference != null && !Meta.text(reference.getUid()).isEmpty();
  }

  /** Whether the volume is what the claim asks for, whatever class either is of. */
  static boolean holds(PersistentVolume volume, PersistentVolumeClaim claim) {
    return obstacle(volume, claim).isEmpty();
  }

  /** Why a free volume does not do for the claim that names it, in upstream's words. */
  static Optional<String> mismatch(PersistentVolume volume, PersistentVolumeClaim claim) {
    if (obstacle(volume, claim).isPresent()) {
      return obstacle(volume, claim);
    }
    if (!className(volume).equals(className(claim))) {
      return Optional.of("storageClassName does not match");
    }
    String attributes = Meta.text(claim.getSpec().getVolumeAttributesClassName());
    return attributes.equals(Meta.text(volume.getSpec().getVolumeAttributesClassName()))
        ? Optional.empty()
        : Optional.of("volumeAttributesClassName does not match");
  }

  /** A claim's class; empty where it is of none. */
  static String className(PersistentVolumeClaim claim) {
    return className(claim, claim.getSpec().getStorageClassName());
  }

  private static String className(PersistentVolume volume) {
    return className(volume, volume.getSpec().getStorageClassName());
  }

  /** Where both the annotation of old and the field tell of one, the annotation counts. */
  private static String className(HasMetadata object, @Nullable String field) {
    return Meta.annotations(object).getOrDefault(OLD_CLASS, Meta.text(field));
  }

  private static Optional<String> obstacle(PersistentVolume volume, PersistentVolumeClaim claim) {
    var has = volume.getSpec();
    var wants = claim.getSpec();
    if (Meta.deleting(volume)) {
      return Optional.of("the volume is marked for deletion \"" + Meta.name(volume) + "\"");
    }
    if (size(has.getCapacity()).compareTo(request(claim)) < 0) {
      return Optional.of("requested PV is too small");
    }
    if (!mode(has.getVolumeMode()).equals(mode(wants.getVolumeMode()))) {
      return Optional.of("incompatible volumeMode");
    }
    return Meta.list(has.getAccessModes()).containsAll(Meta.list(wants.getAccessModes()))
        ? Optional.empty()
        : Optional.of("incompatible accessMode");
  }

  /** The class of claims that name none: of several the newest, and of those the first by name. */
  static Optional<StorageClass> defaultClass(View view) {
    return view.all(StorageClass.class).stream()
        .filter(candidate -> "true".equals(Meta.annotations(candidate).get(IS_DEFAULT)))
        .filter(candidate -> !Meta.deleting(candidate))
        .min(
            Comparator.<StorageClass, Instant>comparing(Meta::created)
                .reversed()
                .thenComparing(Meta::name));
  }

  /** Whether a volume that nobody has would do for a claim that names none. */
  static boolean suits(PersistentVolume volume, PersistentVolumeClaim claim) {
    var selector = claim.getSpec().getSelector();
    return mismatch(volume, claim).isEmpty()
        && (selector == null || Selectors.matches(selector, Meta.labels(volume)));
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
