package dev.coxswain.store.metrics;

import dev.coxswain.runtime.program.Metrics;
import dev.coxswain.store.member.Identity;
import io.prometheus.metrics.core.metrics.Gauge;

/** Who a member is and what it speaks, which its metrics say by labels of gauges that are 1. */
public final class Nameplate {
  private Nameplate() {}

  /**
   * Puts it up.
   *
   * @param version of etcd, whose protocol the member speaks
   * @param clusterVersion what all members speak, as etcd has it without a patch
   */
  public static void show(Metrics metrics, long memberId, String version, String clusterVersion) {
    line(metrics, "etcd_server_id", "The member's identity.", "server_id", Identity.text(memberId));
    line(
        metrics,
        "etcd_server_version",
        "The version of etcd whose protocol this member speaks.",
        "server_version",
        version);
    line(
        metrics,
        "etcd_cluster_version",
        "The version of etcd whose protocol all members speak.",
        "cluster_version",
        clusterVersion);
  }

  private static void line(Metrics metrics, String name, String help, String label, String said) {
    Gauge.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .register(metrics.registry())
        .labelValues(said)
        .set(1);
  }
}
