package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.admission.Admission;
import dev.coxswain.kubelet.container.ContainerConfigs;
import dev.coxswain.kubelet.manifest.Mirrors;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.probe.ProbeCounts;
import dev.coxswain.runtime.client.ApiClient;

/** Puts the workers of a node together. */
public final class NodeWiring {
  private NodeWiring() {}

  /** The node's pods, not yet told of any. */
  public static PodManager podManager(
      PodActions.Parts parts,
      ContainerConfigs configs,
      ApiClient api,
      Mirrors mirrors,
      Admission admission,
      ProbeCounts probes,
      PodDecider decider) {
    ApiPods apiPods = new ApiPods(api, mirrors);
    ContainerActions containers = new ContainerActions(parts, configs);
    PodWorker.Wiring wiring =
        new PodWorker.Wiring(
            parts.runtime(),
            new TerminationMessages(),
            new PodActions(parts, containers, apiPods),
            apiPods,
            new Turns(),
            admission,
            probes,
            parts.events(),
            parts.time());
    return new PodManager(wiring, decider);
  }
}
