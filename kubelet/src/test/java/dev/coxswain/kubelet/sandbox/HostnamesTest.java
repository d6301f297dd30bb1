package dev.coxswain.kubelet.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coxswain.kubelet.env.ConfigException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

final class HostnamesTest {

  @Test
  void aPodIsNamedAsItIsOrAsItWishes() {
    assertThat(Hostnames.of(pod("web", null, null, false))).isEqualTo("web");
    assertThat(Hostnames.of(pod("web", "sailor", null, false))).isEqualTo("sailor");
    assertThat(Hostnames.of(pod("a".repeat(62) + "-tail", null, null, false)))
        .isEqualTo("a".repeat(62));
  }

  @Test
  void aSubdomainGivesANameInTheClustersDns() {
    assertThat(Hostnames.domainName(pod("web", null, null, false), "cluster.local")).isEmpty();
    assertThat(Hostnames.domainName(pod("web", "sailor", "crew", false), "cluster.local"))
        .isEqualTo("sailor.crew.shop.svc.cluster.local");
  }

  @Test
  void theWholeNameIsTheHostnameWhereAsked() throws ConfigException {
    assertThat(Hostnames.nodeName(pod("web", null, "crew", true), "cluster.local"))
        .isEqualTo("web.crew.shop.svc.cluster.local");
    assertThat(Hostnames.nodeName(pod("web", null, null, true), "cluster.local")).isEqualTo("web");
    assertThat(Hostnames.nodeName(pod("web", null, "crew", false), "cluster.local"))
        .isEqualTo("web");
  }

  @Test
  void aWholeNameThatIsTooLongIsRefused() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () -> Hostnames.nodeName(pod("a".repeat(50), null, "crew", true), "cluster.local"))
        .withMessageContaining("is too long (64 characters is the max, 78 characters requested)");
  }

  private static Pod pod(
      String name,
      @org.jspecify.annotations.Nullable String hostname,
      @org.jspecify.annotations.Nullable String subdomain,
      boolean whole) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .withHostname(hostname)
        .withSubdomain(subdomain)
        .withSetHostnameAsFQDN(whole)
        .endSpec()
        .build();
  }
}
