package dev.coxswain.controllers.object;

import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Optional;

/** Owner references, and the one among them that controls. */
public final class Owners {
  private Owners() {}

  /** All owners. */
  public static List<OwnerReference> of(HasMetadata object) {
    return Meta.list(object.getMetadata().getOwnerReferences());
  }

  /** The owner that controls the object. */
  public static Optional<OwnerReference> controller(HasMetadata object) {
    return of(object).stream()
        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
        .findFirst();
  }

  /** The uid of the owner that controls the object; empty where there is none. */
  public static String controllerUid(HasMetadata object) {
    return controller(object).map(OwnerReference::getUid).orElse("");
  }

  /** The key of the controlling owner, if that is of this kind. */
  public static Optional<ObjectKey> controllerKey(
      HasMetadata object, Class<? extends HasMetadata> ownerType) {
    return controller(object)
        .filter(owner ->
            owner.getKind().equals(HasMetadata.getKind(ownerType))
                && group(owner.getApiVersion()).equals(group(HasMetadata.getApiVersion(ownerType))))
        .map(owner -> new ObjectKey(Meta.namespace(object), owner.getName()));
  }

  /** Whether the object is controlled by this very owner. */
  public static boolean controls(HasMetadata owner, HasMetadata object) {
    return controllerUid(object).equals(Meta.uid(owner));
  }

  /** The reference that makes the owner the controller of an object. */
  public static OwnerReference controllerReference(HasMetadata owner) {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(Meta.name(owner))
        .withUid(Meta.uid(owner))
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }

  private static String group(String apiVersion) {
    return GroupVersionKind.of(apiVersion, "").group();
  }
}
