package dev.coxswain.controllers.manager;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Map;

/** The plain workloads that tests are about: one container, and the label {@code app}. */
public final class Workloads {
  private Workloads() {}

  /** Pods of an app. */
  public static PodTemplateSpec template(String app) {
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(Map.of("app", app))
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .build();
  }

  /** The same pods of another image. */
  public static PodTemplateSpec withImage(PodTemplateSpec template, String image) {
    return new PodTemplateSpecBuilder(template)
        .editSpec()
        .editFirstContainer()
        .withImage(image)
        .endContainer()
        .endSpec()
        .build();
  }

  /** Pods that run once. */
  public static PodTemplateSpec once() {
    return new PodTemplateSpecBuilder()
        .withNewSpec()
        .withRestartPolicy("Never")
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .build();
  }

  /** A pod on a node with a volume that is a claim named {@code data}. */
  public static Pod usingData(String name, String node) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .addNewVolume()
        .withName("data")
        .withNewPersistentVolumeClaim()
        .withClaimName("data")
        .endPersistentVolumeClaim()
        .endVolume()
        .endSpec()
        .build();
  }

  /**
   * A node.
   *
   * @param ready the status of its condition {@code Ready}
   */
  public static Node node(String name, String ready) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready)
        .withReason(ready.equals("True") ? "KubeletReady" : "NodeStatusUnknown")
        .endCondition()
        .endStatus()
        .build();
  }

  /** A ReplicaSet of an app's pods, named after it. */
  public static ReplicaSet replicaSet(String app, int replicas) {
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(app)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector()
        .withMatchLabels(Map.of("app", app))
        .endSelector()
        .withTemplate(template(app))
        .endSpec()
        .build();
  }
}
