package dev.coxswain.kubelet.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HostAlias;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HostsFileTest {
  private static final HostAlias ALIAS = new HostAlias(List.of("a.remote", "b.remote"), "1.2.3.4");

  @Test
  void aPodsFileNamesThePodByBothItsNames() {
    String text = HostsFile.own(List.of("10.1.1.1"), "web", "web.shop.svc.local", List.of());
    assertThat(text)
        .startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")
        .endsWith("10.1.1.1\tweb.shop.svc.local\tweb\n");
  }

  @Test
  void aliasesComeLast() {
    assertThat(HostsFile.own(List.of("10.1.1.1"), "web", "", List.of(ALIAS)))
        .endsWith(
            "10.1.1.1\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta.remote\tb.remote\n");
  }

  @Test
  void theHostsOwnFileIsKeptAsItIs() {
    assertThat(HostsFile.ofHost("127.0.0.1 localhost", List.of(ALIAS)))
        .isEqualTo(
            """
            # Kubernetes-managed hosts file (host network).
            127.0.0.1 localhost

            # Entries added by HostAliases.
            1.2.3.4\ta.remote\tb.remote
            """);
  }
}
