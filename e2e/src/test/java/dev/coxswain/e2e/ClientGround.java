package dev.coxswain.e2e;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a client library works on: a namespace with a pod to run commands in, and a kubeconfig whose
 * server is behind a {@link Relay}.
 */
record ClientGround(Cluster cluster, String namespace, Relay relay, Path folder, String kubeconfig)
    implements AutoCloseable {
  static ClientGround prepare(Cluster cluster, String namespace, Path folder) {
    cluster.kubectl("create", "namespace", namespace);
    Visitors.awaitServiceAccount(cluster, namespace);
    cluster.apply(
        namespace,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: shell}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
            - {name: shell, image: "coxswain/demo:1", command: [sh, -c, "while :; do sleep 1; done"]}
        """);
    cluster.kubectl(
        "-n", namespace, "wait", "--for=condition=Ready", "pod/shell", Cluster.PATIENTLY);
    Relay relay = Relay.to(cluster);
    return new ClientGround(cluster, namespace, relay, folder, relay.kubeconfig(folder, cluster));
  }

  /** fabric8's client, by way of the relay. */
  KubernetesClient fabric8() throws IOException {
    return Clients.fabric8(Path.of(kubeconfig));
  }

  /** Writes past the client under test. */
  void kubectl(String... command) {
    String[] words = new String[command.length + 2];
    words[0] = "-n";
    words[1] = namespace;
    System.arraycopy(command, 0, words, 2, command.length);
    cluster.kubectl(words);
  }

  @Override
  public void close() {
    relay.close();
    cluster.kubectl("delete", "namespace", namespace, Cluster.PATIENTLY);
  }
}
