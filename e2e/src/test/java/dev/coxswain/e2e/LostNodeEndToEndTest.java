package dev.coxswain.e2e;

import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.Identity;
import dev.coxswain.deploy.pki.Pki;
import dev.coxswain.runtime.time.ForwardingTime;
import dev.coxswain.runtime.time.SystemTime;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A node whose kubelet has a configuration of its own and a client certificate that has almost
 * expired: it gets itself certificates, and stops its pods when it can reach nobody.
 */
@ExtendWith(SharedCluster.class)
final class LostNodeEndToEndTest {
  private static final String NAMESPACE = "lost-node";

  /** Longer than two renewals of the lease may be apart on a busy machine. */
  private static final String CONFIGURATION =
      """
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      serverTLSBootstrap: true
      fenceAfter: 25s
      systemReserved: {cpu: 100m, memory: 30Mi}
      kubeReserved: {memory: 20Mi}
      """;

  private static final Duration IDENTITY_LIFE = Duration.ofDays(365);
  private static final Duration LEFT = Duration.ofMinutes(5);

  @TempDir private static Path kept;
  @TempDir private static Path told;
  private static String node = "";
  private static Path configuration;

  /** In which a certificate that is signed has but {@link #LEFT} to live. */
  private static final class LongAgo extends ForwardingTime {
    LongAgo() {
      super(new SystemTime());
    }

    @Override
    public Instant now() {
      return super.now().minus(IDENTITY_LIFE).plus(LEFT);
    }
  }

  @BeforeAll
  static void configure(Cluster cluster) throws IOException {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    node = cluster.nodes().getLast();
    configuration = Files.writeString(cluster.home().resolve("kubelet.yaml"), CONFIGURATION);
    Pki pki = new Pki(cluster.home().resolve("pki"), new LongAgo());
    String own = "nodes/" + node + "-client";
    for (Path file : List.of(pki.certificate(own), pki.key(own))) {
      Files.move(file, kept.resolve(file.getFileName()));
    }
    pki.ensureAuthorities();
    pki.ensure(
        List.of(
            Identity.client(own, Authority.Name.CLUSTER, "system:node:" + node, "system:nodes")));
    Files.deleteIfExists(held(cluster, "client"));
    cluster.cox("kill", "kubelet-" + node).orFail();
    cluster.cox("restart", "kubelet-" + node).orFail();
  }

  @AfterAll
  static void asItWas(Cluster cluster) throws IOException {
    Files.delete(configuration);
    try (var files = Files.list(kept)) {
      for (Path file : files.toList()) {
        Files.move(
            file,
            cluster.home().resolve("pki/nodes").resolve(file.getFileName()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    cluster.cox("kill", "kubelet-" + node).orFail();
    cluster.cox("restart", "kubelet-" + node).orFail();
    cluster.kubectl("wait", "--for=condition=Ready", "node/" + node, Cluster.PATIENTLY);
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @Test
  void itsCertificatesAreRenewedAndAskedFor(Cluster cluster) {
    Cluster.eventually(
        "a client certificate that lasts",
        () -> expiry(cluster, "client").isAfter(new SystemTime().now().plus(LEFT)));
    Cluster.eventually(
        "its own API is served with what somebody approved",
        () -> {
          for (JsonNode request : requests(cluster, "kubelet-serving")) {
            if (!request.path("status").has("conditions")) {
              cluster.kubectl("certificate", "approve", request.at("/metadata/name").asString());
            }
          }
          return Files.exists(held(cluster, "server"))
              && cluster
                  .kubectl("get", "--raw", "/api/v1/nodes/" + node + "/proxy/healthz")
                  .equals("ok");
        });
    Instant renewed = renewal(cluster);
    Cluster.eventually(
        "the node is heard of by its new certificate", () -> renewal(cluster).isAfter(renewed));
  }

  @Test
  void itsPodsAreStoppedWhenItCanReachNobody(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: castaway}
        spec:
          nodeName: %1$s
          terminationGracePeriodSeconds: 5
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "trap 'echo ended > /told/castaway; exit' TERM; while :; do sleep 0.1; done"]
              volumeMounts: [{name: told, mountPath: /told}]
          volumes: [{name: told, hostPath: {path: "%2$s"}}]
        """
            .formatted(node, told));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/castaway", "--for=condition=Ready", Cluster.PATIENTLY);
    List<String> servers = cluster.processes("apiserver");
    servers.forEach(server -> cluster.cox("kill", server).orFail());
    try {
      Cluster.eventually("the pod is stopped", () -> Files.exists(told.resolve("castaway")));
    } finally {
      servers.forEach(server -> cluster.cox("restart", server).orFail());
    }
    Cluster.eventually(
        "the API learns what became of it",
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", "castaway").path("status");
          return status.path("phase").asString("").equals("Failed")
              && status.path("reason").asString("").equals("NodeLost");
        });
    // Nor was any other node heard of meanwhile.
    cluster.kubectl("wait", "--for=condition=Ready", "node", "--all", Cluster.PATIENTLY);
  }

  /** Other nodes keep for nobody but what their thresholds want. */
  @Test
  void whatIsReservedIsNotForPods(Cluster cluster) {
    String other = cluster.nodes().getFirst();
    Cluster.eventually(
        "it is not allocatable",
        () ->
            kept(cluster, node, "memory")
                        .subtract(kept(cluster, other, "memory"))
                        .compareTo(BigDecimal.valueOf(50 << 20))
                    == 0
                && kept(cluster, node, "cpu")
                        .subtract(kept(cluster, other, "cpu"))
                        .compareTo(new BigDecimal("0.1"))
                    == 0);
  }

  /**
   * How much of what a node has is not allocatable, but for memory that the machine had set aside
   * in huge pages when its kubelet began, which pods ask for by another name.
   */
  private static BigDecimal kept(Cluster cluster, String name, String resource) {
    JsonNode status = cluster.json("node", name).path("status");
    BigDecimal kept =
        amount(status.at("/capacity/" + resource))
            .subtract(amount(status.at("/allocatable/" + resource)));
    if (resource.equals("memory")) {
      for (var own : status.path("capacity").properties()) {
        if (own.getKey().startsWith("hugepages-")) {
          kept = kept.subtract(amount(own.getValue()));
        }
      }
    }
    return kept;
  }

  private static BigDecimal amount(JsonNode quantity) {
    return Quantity.getAmountInBytes(Quantity.parse(quantity.asString()));
  }

  /** On a node that is not fenced: it restarts what falls, and starts what is laid there. */
  @Test
  void withoutAnyApiServerLifeGoesOnAndIsToldLater(Cluster cluster) throws IOException {
    String other = cluster.nodes().getFirst();
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: hardy}
        spec:
          nodeName: %1$s
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "echo >> /told/hardy; while [ ! -e /told/fall-$(wc -l < /told/hardy) ]; do sleep 0.1; done; exit 3"]
              livenessProbe: {exec: {command: [sh, -c, "echo >> /told/probed"]}, periodSeconds: 1, timeoutSeconds: 30, failureThreshold: 10}
              volumeMounts: [{name: told, mountPath: /told}]
          volumes: [{name: told, hostPath: {path: "%2$s"}}]
        """
            .formatted(other, told));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/hardy", "--for=condition=Ready", "--timeout=110s");
    Path laid = cluster.home().resolve("data/" + other + "/var/lib/kubelet/manifests/laid.yaml");
    List<String> servers = cluster.processes("apiserver");
    servers.forEach(server -> cluster.cox("kill", server).orFail());
    try {
      Files.createFile(told.resolve("fall-1"));
      Cluster.eventually("what fell began again", () -> lines("hardy") == 2);
      int probed = lines("probed");
      Cluster.eventually("it is probed", () -> lines("probed") > probed + 1);
      Files.writeString(
          laid,
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: laid, namespace: %s}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
              - name: main
                image: "coxswain/demo:1"
                command: [sh, -c, "touch /told/laid; while :; do sleep 1; done"]
                volumeMounts: [{name: told, mountPath: /told}]
            volumes: [{name: told, hostPath: {path: "%s"}}]
          """
              .formatted(NAMESPACE, told));
      Cluster.eventually("what was laid there runs", () -> Files.exists(told.resolve("laid")));
    } finally {
      servers.forEach(server -> cluster.cox("restart", server).orFail());
    }
    try {
      Cluster.eventually(
          "the API learns of both",
          () ->
              restarts(cluster, "hardy") == 1
                  && cluster
                      .json("-n", NAMESPACE, "pod", "laid-" + other)
                      .at("/status/phase")
                      .asString("")
                      .equals("Running"));
    } finally {
      Files.delete(laid);
    }
    Cluster.eventually(
        "it goes with its manifest",
        () -> cluster.tryKubectl("-n", NAMESPACE, "get", "pod", "laid-" + other).exitCode() != 0);
    cluster.kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=110s");
  }

  private static int lines(String file) {
    Path written = told.resolve(file);
    try {
      return Files.exists(written) ? Files.readAllLines(written).size() : 0;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static int restarts(Cluster cluster, String pod) {
    return cluster
        .json("-n", NAMESPACE, "pod", pod)
        .at("/status/containerStatuses/0/restartCount")
        .asInt(-1);
  }

  /** When what the kubelet was issued expires. */
  private static Instant expiry(Cluster cluster, String what) {
    try (InputStream in = Files.newInputStream(held(cluster, what))) {
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return certificate.getNotAfter().toInstant();
    } catch (IOException | CertificateException notYet) {
      throw new AssertionError(notYet);
    }
  }

  private static List<JsonNode> requests(Cluster cluster, String signer) {
    return Cluster.stream(cluster.json("csr").path("items"))
        .filter(one ->
            one.at("/spec/signerName").asString("").equals("kubernetes.io/" + signer)
                && one.at("/spec/username").asString("").equals("system:node:" + node))
        .toList();
  }

  private static Instant renewal(Cluster cluster) {
    return Instant.parse(
        cluster.json("-n", "kube-node-lease", "lease", node).at("/spec/renewTime").asString());
  }

  /** Where the kubelet keeps what it was issued. */
  private static Path held(Cluster cluster, String what) {
    return cluster
        .home()
        .resolve("data")
        .resolve(node)
        .resolve("var/lib/kubelet/pki/kubelet-" + what + "-current.pem");
  }
}
