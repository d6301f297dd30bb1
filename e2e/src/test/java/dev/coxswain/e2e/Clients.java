package dev.coxswain.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;

/** Clients of the cluster's administrator, where kubectl would be slow to see. */
final class Clients {
  private Clients() {}

  /** fabric8's, with the kubeconfig that {@code cox up} wrote. */
  static KubernetesClient fabric8(Cluster cluster) throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(cluster.home().resolve("kubeconfig")));
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
