package dev.coxswain.controllers.object;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;

/** Pods made of a workload's template. */
public final class PodTemplates {
  private PodTemplates() {}

  /** A pod of the template in the owner's namespace under the owner's control, with this name. */
  public static PodBuilder pod(PodTemplateSpec template, HasMetadata owner, String name) {
    ObjectMeta metadata =
        template.getMetadata() == null ? new ObjectMeta() : template.getMetadata();
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withGenerateName(Meta.name(owner) + "-")
        .withNamespace(Meta.namespace(owner))
        .withLabels(Meta.map(metadata.getLabels()))
        .withAnnotations(Meta.map(metadata.getAnnotations()))
        .withFinalizers(Meta.list(metadata.getFinalizers()))
        .withOwnerReferences(Owners.controllerReference(owner))
        .endMetadata()
        .withSpec(template.getSpec() == null ? null : template.getSpec().toBuilder().build());
  }

  /** As {@link #pod}, built. */
  public static Pod build(PodTemplateSpec template, HasMetadata owner, String name) {
    return pod(template, owner, name).build();
  }
}
