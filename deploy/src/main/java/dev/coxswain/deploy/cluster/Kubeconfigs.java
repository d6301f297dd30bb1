package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.Kubeconfig;
import dev.coxswain.deploy.pki.Pki;
import java.nio.file.Path;
import java.util.List;

/** Writes a kubeconfig for everybody who talks to the API servers. */
public final class Kubeconfigs {
  private static final String CLUSTER = "coxswain";

  private final Home home;
  private final Topology topology;
  private final Pki pki;

  public Kubeconfigs(Home home, Topology topology, Pki pki) {
    this.home = home;
    this.topology = topology;
    this.pki = pki;
  }

  /**
   * Writes them below the home.
   *
   * @param administrator the URL that the administrator's names: clients other than ours take one
   */
  public void write(String administrator) {
    write(home.kubeconfig(), Identities.ADMIN, Identities.ADMIN, List.of(administrator));
    for (ClusterSpec.ControlPlane machine : topology.controlPlaneMachines()) {
      for (String owner : List.of(Identities.SCHEDULER, Identities.CONTROLLERS)) {
        write(
            home.kubeconfig(owner + "-" + machine.name()),
            owner,
            owner,
            List.of(machine.apiServer()));
      }
    }
    for (ClusterSpec.Node node : topology.nodeMachines()) {
      write(
          home.kubeconfig("kubelet-" + node.name()),
          "system:node:" + node.name(),
          Identities.kubeletClient(node),
          topology.apiServers());
      write(
          home.kubeconfig(Identities.PROXY + "-" + node.name()),
          Identities.PROXY,
          Identities.PROXY,
          topology.apiServers());
    }
  }

  private void write(Path file, String user, String identity, List<String> servers) {
    Kubeconfig.write(
        file,
        CLUSTER,
        user,
        servers,
        pki.certificate(Authority.Name.CLUSTER),
        pki.certificate(identity),
        pki.key(identity));
  }
}
