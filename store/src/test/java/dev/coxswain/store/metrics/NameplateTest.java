package dev.coxswain.store.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.program.Metrics;
import org.junit.jupiter.api.Test;

/** Identity and versions, as dashboards made for etcd look for them. */
final class NameplateTest {
  @Test
  void aMemberSaysWhoItIsAndWhatItSpeaks() {
    Metrics metrics = new Metrics();
    Nameplate.show(metrics, 0xfedcba9876543210L, "3.5.21", "3.5");
    assertThat(metrics.page().text().lines().filter(line -> line.startsWith("etcd")))
        .containsExactlyInAnyOrder(
            "etcd_cluster_version{cluster_version=\"3.5\"} 1",
            "etcd_server_id{server_id=\"fedcba9876543210\"} 1",
            "etcd_server_version{server_version=\"3.5.21\"} 1");
  }
}
