package dev.coxswain.proxy.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import dev.coxswain.proxy.service.ServicePortName;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainNamesTest {
  /** The names that every upstream cluster shows for its own two services. */
  @Test
  void namesAreUpstreams() {
    assertThat(ChainNames.cluster(port("default", "kubernetes", "https", Protocol.TCP)))
        .isEqualTo("KUBE-SVC-NPX46M4PTMTKRN6Y");
    assertThat(ChainNames.cluster(port("kube-system", "kube-dns", "dns", Protocol.UDP)))
        .isEqualTo("KUBE-SVC-TCOU7JCQXEZGVUNU");
    assertThat(ChainNames.cluster(port("kube-system", "kube-dns", "dns-tcp", Protocol.TCP)))
        .isEqualTo("KUBE-SVC-ERIFXISQEP7F7OF4");
  }

  private static ServicePort port(String namespace, String name, String port, Protocol protocol) {
    return new ServicePort(
        new ServicePortName(namespace, name, port),
        protocol,
        "10.96.0.1",
        443,
        0,
        List.of(),
        List.of(),
        List.of(),
        0,
        false,
        false);
  }
}
