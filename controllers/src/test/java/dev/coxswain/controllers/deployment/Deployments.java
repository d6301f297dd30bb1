package dev.coxswain.controllers.deployment;

import dev.coxswain.controllers.manager.Simulation;
import dev.coxswain.controllers.manager.Workloads;
import dev.coxswain.controllers.object.Pods;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.Map;

/** Deployments for tests, and what to ask of their pods. */
final class Deployments {
  private Deployments() {}

  static Deployment rolling(String name, int replicas, String surge, String unavailable) {
    return new DeploymentBuilder(base(name, replicas))
        .editSpec()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxSurge(intOrString(surge))
        .withMaxUnavailable(intOrString(unavailable))
        .endRollingUpdate()
        .endStrategy()
        .endSpec()
        .build();
  }

  static Deployment recreate(String name, int replicas) {
    return new DeploymentBuilder(base(name, replicas))
        .editSpec()
        .withNewStrategy()
        .withType("Recreate")
        .endStrategy()
        .endSpec()
        .build();
  }

  static Deployment withImage(Deployment deployment, String image) {
    return new DeploymentBuilder(deployment)
        .editSpec()
        .withTemplate(Workloads.withImage(deployment.getSpec().getTemplate(), image))
        .endSpec()
        .build();
  }

  static ReplicaSet foreignSet(String name) {
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withNewSelector()
        .withMatchLabels(Map.of("app", "other"))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Map.of("app", "other"))
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage("other")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  static String image(Pod pod) {
    return pod.getSpec().getContainers().getFirst().getImage();
  }

  static int active(Simulation simulation) {
    return Math.toIntExact(simulation.stored(Pod.class).stream().filter(Pods::active).count());
  }

  static int available(Simulation simulation) {
    return Math.toIntExact(
        simulation.stored(Pod.class).stream()
            .filter(pod -> Pods.active(pod) && Pods.ready(pod))
            .count());
  }

  private static IntOrString intOrString(String text) {
    return text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.parseInt(text));
  }

  private static Deployment base(String name, int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withProgressDeadlineSeconds(600)
        .withRevisionHistoryLimit(10)
        .withNewSelector()
        .withMatchLabels(Map.of("app", name))
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(Map.of("app", name))
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage("demo:1")
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }
}
