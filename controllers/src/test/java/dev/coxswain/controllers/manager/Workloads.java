package dev.coxswain.controllers.manager;

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
