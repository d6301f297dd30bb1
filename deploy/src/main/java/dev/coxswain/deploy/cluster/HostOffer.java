package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.MachineCheck;
import java.util.Collection;

/** What this machine has free. */
public final class HostOffer implements ClusterPlanner.Offer {
  private final String cluster;

  /**
   * For a cluster that is not running.
   *
   * @param cluster its id: what an interrupted bring-up of its own has left is not in use
   */
  public HostOffer(String cluster) {
    this.cluster = cluster;
  }

  @Override
  public Collection<Integer> usedSubnets() {
    return Lan.usedSubnets(ClusterSpec.hostInterface(cluster));
  }

  @Override
  public boolean free(int port) {
    return MachineCheck.free(port);
  }

  @Override
  public int freePort() {
    return MachineCheck.freePort();
  }
}
