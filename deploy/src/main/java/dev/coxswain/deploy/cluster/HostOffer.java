package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.MachineCheck;
import java.util.Collection;

/** What this machine has free. */
public final class HostOffer implements ClusterPlanner.Offer {
  @Override
  public Collection<Integer> usedSubnets() {
    return Lan.usedSubnets();
  }

  @Override
  public int freePort() {
    return MachineCheck.freePort();
  }
}
