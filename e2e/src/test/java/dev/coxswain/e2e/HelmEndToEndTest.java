package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.Release;
import com.marcnuri.helm.ReleaseHistory;
import com.marcnuri.helm.UpgradeCommand;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Real Helm, which helm-java carries, with a chart that has hooks and brings a kind of its own. Its
 * native library takes this JVM's INT, TERM and QUIT signals for orders to cancel an install: a
 * {@code jstack} meanwhile ends it with "context canceled".
 */
@ExtendWith(SharedCluster.class)
final class HelmEndToEndTest {
  private static final String NAMESPACE = "helmsman";
  private static final String RELEASE = "voyage";
  private static final String KIND = "logbooks.chart.example.com";
  private static final Path CHART = Repository.root().resolve("e2e/src/test/resources/chart");
  private static final int PATIENCE_SECONDS = 180;
  private static final int SHORT_PATIENCE_SECONDS = 30;

  private Cluster cluster;
  private Path kubeconfig;

  @BeforeEach
  void begin(Cluster shared) {
    cluster = shared;
    kubeconfig = shared.home().resolve("kubeconfig");
  }

  @AfterEach
  void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", Cluster.PATIENTLY);
    cluster.kubectl("delete", "crd", KIND, "--ignore-not-found");
  }

  private InstallCommand install() {
    return new Helm(CHART)
        .install()
        .withKubeConfig(kubeconfig)
        .withNamespace(NAMESPACE)
        .createNamespace()
        .withName(RELEASE)
        .withTimeout(PATIENCE_SECONDS)
        .waitReady();
  }

  private UpgradeCommand upgrade() {
    return new Helm(CHART)
        .upgrade()
        .withKubeConfig(kubeconfig)
        .withNamespace(NAMESPACE)
        .withName(RELEASE)
        .withTimeout(PATIENCE_SECONDS)
        .waitReady();
  }

  private Release status() {
    return Helm.status(RELEASE).withKubeConfig(kubeconfig).withNamespace(NAMESPACE).call();
  }

  private Release test() {
    return Helm.test(RELEASE)
        .withKubeConfig(kubeconfig)
        .withNamespace(NAMESPACE)
        .withTimeout(PATIENCE_SECONDS)
        .call();
  }

  private List<String> history() {
    return Helm.history(RELEASE).withKubeConfig(kubeconfig).withNamespace(NAMESPACE).call().stream()
        .map(HelmEndToEndTest::line)
        .toList();
  }

  private static String line(ReleaseHistory entry) {
    return entry.getRevision() + " " + entry.getStatus() + " " + entry.getChart();
  }

  private List<Release> releases() {
    return Helm.list().all().withKubeConfig(kubeconfig).withNamespace(NAMESPACE).call();
  }

  private String read(String what, String path) {
    return cluster.kubectl("-n", NAMESPACE, "get", what, "-o", "jsonpath={" + path + "}");
  }

  private String left() {
    return cluster.kubectl("-n", NAMESPACE, "get", "all,logbooks", "-o", "name");
  }

  @Test
  void aChartIsInstalledTestedUpgradedAndRemoved() {
    Release installed = install().call();
    assertThat(installed.getStatus()).isEqualTo("deployed");
    assertThat(installed.getRevision()).isEqualTo("1");
    assertThat(installed.getOutput()).contains("Ahab commands 1.");
    assertThat(read("deployment/voyage", ".status.readyReplicas")).isEqualTo("1");
    assertThat(read("logbook/voyage", ".spec.captain")).isEqualTo("Ahab");
    assertThat(read("configmap/voyage-hooks", ".data.pre-install")).isEqualTo("ran");
    assertThatThrownBy(() -> install().call()).hasMessageContaining("cannot re-use a name");

    assertThat(test().getStatus()).isEqualTo("deployed");
    assertThat(read("pod/voyage-answers", ".status.phase")).isEqualTo("Succeeded");
    assertThat(cluster.kubectl("-n", NAMESPACE, "logs", "voyage-answers")).contains("voyage-");

    assertThat(upgrade().set("captain", "Nemo").set("replicas", 2).call().getRevision())
        .isEqualTo("2");
    assertThat(read("deployment/voyage", ".status.readyReplicas")).isEqualTo("2");
    assertThat(read("logbook/voyage", ".spec.captain")).isEqualTo("Nemo");
    assertThat(status().getRevision()).isEqualTo("2");
    assertThat(history()).containsExactly("1 superseded voyage-1.0.0", "2 deployed voyage-1.0.0");
    assertThat(
            Helm.get(RELEASE).values().withKubeConfig(kubeconfig).withNamespace(NAMESPACE).call())
        .contains("captain: Nemo");

    assertThat(
            Helm.uninstall(RELEASE)
                .keepHistory()
                .withKubeConfig(kubeconfig)
                .withNamespace(NAMESPACE)
                .call())
        .contains("release \"voyage\" uninstalled");
    assertThat(history()).last().isEqualTo("2 uninstalled voyage-1.0.0");
    Cluster.eventually(
        "nothing of it is left but the pod of its test, which its chart keeps",
        () -> left().strip().equals("pod/voyage-answers"));
    assertThat(cluster.kubectl("get", "crd", KIND, "-o", "name"))
        .as("a chart's kinds outlive it")
        .contains("logbooks");
    assertThat(Helm.list().allNamespaces().withKubeConfig(kubeconfig).call())
        .extracting(Release::getName)
        .doesNotContain(RELEASE);
  }

  @Test
  void whatFailsIsRolledBack() {
    install().call();
    upgrade().set("captain", "Nemo").set("replicas", 2).call();

    assertThatThrownBy(
            () -> upgrade().atomic().set("captain", "Hook").set("hookFails", true).call())
        .hasMessageContaining("has been rolled back due to atomic being set")
        .hasMessageContaining("job voyage-check failed: BackoffLimitExceeded");
    assertThat(read("logbook/voyage", ".spec.captain")).isEqualTo("Nemo");
    assertThat(read("deployment/voyage", ".status.readyReplicas")).isEqualTo("2");

    assertThatThrownBy(() ->
            upgrade()
                .atomic()
                .withTimeout(SHORT_PATIENCE_SECONDS)
                .set("image", "nowhere.invalid/none:1")
                .call())
        .hasMessageContaining("context deadline exceeded");
    assertThat(read("deployment/voyage", ".spec.template.spec.containers[0].image"))
        .isEqualTo("coxswain/demo:1");
    assertThat(history())
        .containsExactly(
            "1 superseded voyage-1.0.0",
            "2 superseded voyage-1.0.0",
            "3 failed voyage-1.0.0",
            "4 superseded voyage-1.0.0",
            "5 failed voyage-1.0.0",
            "6 deployed voyage-1.0.0");
    assertThat(releases())
        .singleElement()
        .satisfies(release -> {
          assertThat(release.getRevision()).isEqualTo("6");
          assertThat(release.getStatus()).isEqualTo("deployed");
          assertThat(release.getChart()).isEqualTo("voyage-1.0.0");
        });
    assertThatThrownBy(this::testThatFails).hasMessageContaining("voyage-answers");
    Helm.uninstall(RELEASE).withKubeConfig(kubeconfig).withNamespace(NAMESPACE).call();
    assertThat(releases()).isEmpty();
  }

  private Release testThatFails() {
    upgrade().set("testFails", true).call();
    return test();
  }

  @Test
  void anAtomicInstallThatFailsLeavesNothing() {
    assertThatThrownBy(() ->
            install()
                .atomic()
                .withTimeout(SHORT_PATIENCE_SECONDS)
                .set("image", "nowhere.invalid/none:1")
                .call())
        .hasMessageContaining("has been uninstalled due to atomic being set");
    assertThat(releases()).isEmpty();
    Cluster.eventually("nothing of it is left", () -> left().isEmpty());
    assertThatThrownBy(() -> install().set("captain", "X").call())
        .hasMessageContaining("Logbook.chart.example.com \"voyage\" is invalid")
        .hasMessageContaining("spec.captain");
  }
}
