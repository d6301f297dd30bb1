package dev.coxswain.controllers.volume;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Finalizers;
import dev.coxswain.controllers.object.Meta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClass;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keeps a class of attributes that is deleted until no claim wants, has or is being given it, and
 * no volume has it.
 */
public final class AttributesClassProtection implements Reconciler<VolumeAttributesClass> {
  private static final String FINALIZER = "kubernetes.io/vac-protection";
  private static final String INDEX = "attributes-class";

  @Override
  public String name() {
    return "volumeattributesclass-protection-controller";
  }

  @Override
  public Watches<VolumeAttributesClass> watches() {
    return Watches.of(VolumeAttributesClass.class)
        .on(
            PersistentVolumeClaim.class,
            (change, view) -> change.before() == null ? List.of() : keys(classes(change.before())))
        .on(
            PersistentVolume.class,
            (change, view) -> change.before() == null ? List.of() : keys(classes(change.before())))
        .index(PersistentVolumeClaim.class, INDEX, AttributesClassProtection::classes)
        .index(PersistentVolume.class, INDEX, AttributesClassProtection::classes);
  }

  @Override
  public Outcome reconcile(VolumeAttributesClass wanted, View view, Actions act) {
    if (!Meta.deleting(wanted)) {
      Finalizers.add(wanted, FINALIZER, act);
    } else if (view.by(PersistentVolumeClaim.class, INDEX, Meta.name(wanted)).isEmpty()
        && view.by(PersistentVolume.class, INDEX, Meta.name(wanted)).isEmpty()) {
      if (isWanted(Meta.name(wanted), act)) {
        return Outcome.again(Volumes.UNTIL_THE_CACHE_KNOWS);
      }
      Finalizers.remove(wanted, FINALIZER, act);
    }
    return Outcome.done();
  }

  /** The end of the class may be known here before a claim that was made earlier is. */
  private static boolean isWanted(String name, Actions act) {
    return act.live(PersistentVolumeClaim.class, "").stream()
            .anyMatch(claim -> classes(claim).contains(name))
        || act.live(PersistentVolume.class, "").stream()
            .anyMatch(volume -> classes(volume).contains(name));
  }

  private static Collection<ObjectKey> keys(Collection<String> classes) {
    return classes.stream().map(ObjectKey::cluster).toList();
  }

  private static Collection<String> classes(PersistentVolumeClaim claim) {
    var status = Optional.ofNullable(claim.getStatus());
    return Stream.of(
            Optional.ofNullable(claim.getSpec().getVolumeAttributesClassName()),
            status.map(s -> s.getCurrentVolumeAttributesClassName()),
            status
                .map(s -> s.getModifyVolumeStatus())
                .map(s -> s.getTargetVolumeAttributesClassName()))
        .flatMap(Optional::stream)
        .distinct()
        .toList();
  }

  private static Collection<String> classes(PersistentVolume volume) {
    return Stream.ofNullable(volume.getSpec().getVolumeAttributesClassName()).toList();
  }
}
