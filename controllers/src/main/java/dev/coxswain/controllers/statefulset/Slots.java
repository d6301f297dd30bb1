package dev.coxswain.controllers.statefulset;

import dev.coxswain.controllers.history.History;
import dev.coxswain.controllers.object.IntOrPercent;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.controllers.object.PodTemplates;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** The numbered places of a StatefulSet: what the pod and the claims of each are called. */
final class Slots {
  private static final String POD_NAME = "statefulset.kubernetes.io/pod-name";
  private static final String POD_INDEX = "apps.kubernetes.io/pod-index";

  private Slots() {}

  /** The first number. */
  static int first(StatefulSet set) {
    var ordinals = set.getSpec().getOrdinals();
    return ordinals == null ? 0 : Meta.number(ordinals.getStart(), 0);
  }

  static int replicas(StatefulSet set) {
    return Meta.number(set.getSpec().getReplicas(), 1);
  }

  static boolean inRange(StatefulSet set, int ordinal) {
    return ordinal >= first(set) && ordinal < first(set) + replicas(set);
  }

  static String podName(StatefulSet set, int ordinal) {
    return Meta.name(set) + "-" + ordinal;
  }

  /** The number in a pod's name; empty for a pod that is not named as the set's are. */
  static OptionalInt ordinal(StatefulSet set, Pod pod) {
    String prefix = Meta.name(set) + "-";
    String name = Meta.name(pod);
    if (!name.startsWith(prefix)) {
      return OptionalInt.empty();
    }
    String number = name.substring(prefix.length());
    return number.matches("0|[1-9][0-9]{0,8}")
        ? OptionalInt.of(Integer.parseInt(number))
        : OptionalInt.empty();
  }

  /** The labels that tell which place a pod has. */
  static Map<String, String> identity(StatefulSet set, int ordinal) {
    return Map.of(POD_NAME, podName(set, ordinal), POD_INDEX, Integer.toString(ordinal));
  }

  /** The pod of a place, of the given template, with its name, its host name and its claims. */
  static Pod pod(StatefulSet set, int ordinal, PodTemplateSpec template, String revisionName) {
    String name = podName(set, ordinal);
    Pod pod =
        PodTemplates.pod(template, set, name)
            .editMetadata()
            .addToLabels(identity(set, ordinal))
            .addToLabels(History.LABEL, revisionName)
            .endMetadata()
            .editSpec()
            .withHostname(name)
            .withSubdomain(Meta.text(set.getSpec().getServiceName()))
            .endSpec()
            .build();
    pod.getSpec().setVolumes(volumes(set, ordinal, pod));
    return pod;
  }

  /** The claims of a place; they outlive its pods. */
  static List<PersistentVolumeClaim> claims(StatefulSet set, int ordinal) {
    Map<String, String> selector =
        set.getSpec().getSelector() == null
            ? Map.of()
            : Meta.map(set.getSpec().getSelector().getMatchLabels());
    var claims = new ArrayList<PersistentVolumeClaim>();
    for (PersistentVolumeClaim template : Meta.list(set.getSpec().getVolumeClaimTemplates())) {
      var labels = new TreeMap<>(Meta.labels(template));
      labels.putAll(selector);
      claims.add(
          new PersistentVolumeClaimBuilder()
              .withNewMetadata()
              .withName(claimName(set, template, ordinal))
              .withNamespace(Meta.namespace(set))
              .withLabels(labels)
              .withAnnotations(Meta.annotations(template))
              .withOwnerReferences(
                  policy(set, true).equals("Delete")
                      ? List.of(Owners.controllerReference(set))
                      : List.of())
              .endMetadata()
              .withSpec(template.getSpec())
              .build());
    }
    return claims;
  }

  /** What becomes of the claims when the set is deleted, or else when it shrinks. */
  static String policy(StatefulSet set, boolean whenDeleted) {
    var policy = set.getSpec().getPersistentVolumeClaimRetentionPolicy();
    String text =
        policy == null
            ? ""
            : Meta.text(whenDeleted ? policy.getWhenDeleted() : policy.getWhenScaled());
    return text.isEmpty() ? "Retain" : text;
  }

  static String claimName(StatefulSet set, PersistentVolumeClaim template, int ordinal) {
    return Meta.name(template) + "-" + podName(set, ordinal);
  }

  /** A claim's volume takes the place of one of the same name in the template. */
  private static List<Volume> volumes(StatefulSet set, int ordinal, Pod pod) {
    var volumes = new ArrayList<Volume>();
    List<String> claimed =
        Meta.list(set.getSpec().getVolumeClaimTemplates()).stream().map(Meta::name).toList();
    for (PersistentVolumeClaim template : Meta.list(set.getSpec().getVolumeClaimTemplates())) {
      volumes.add(
          new VolumeBuilder()
              .withName(Meta.name(template))
              .withNewPersistentVolumeClaim()
              .withClaimName(claimName(set, template, ordinal))
              .withReadOnly(false)
              .endPersistentVolumeClaim()
              .build());
    }
    Meta.list(pod.getSpec().getVolumes()).stream()
        .filter(volume -> !claimed.contains(volume.getName()))
        .forEach(volumes::add);
    return volumes;
  }

  /** How many may be away while the template is rolled out; 1 unless it says more. */
  static int maxUnavailable(StatefulSet set) {
    var strategy = set.getSpec().getUpdateStrategy();
    return strategy == null || strategy.getRollingUpdate() == null
        ? 1
        : Math.max(
            1,
            IntOrPercent.down(strategy.getRollingUpdate().getMaxUnavailable(), replicas(set), 1));
  }
}
