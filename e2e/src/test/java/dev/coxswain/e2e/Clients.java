package dev.coxswain.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Clients of the cluster's administrator, where kubectl would be slow to see. */
final class Clients {
  private Clients() {}

  /** fabric8's, with the kubeconfig that {@code cox up} wrote. */
  static KubernetesClient fabric8(Cluster cluster) throws IOException {
    return fabric8(cluster.home().resolve("kubeconfig"));
  }

  /** fabric8's, with this kubeconfig. */
  static KubernetesClient fabric8(Path kubeconfig) throws IOException {
    Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
    // What is asked again by itself after ten seconds may have been done on a busy machine.
    config.setRequestTimeout((int) Cluster.PATIENCE.toMillis());
    config.setConnectionTimeout((int) Cluster.PATIENCE.toMillis());
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
