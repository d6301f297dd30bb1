package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Controllers that act on what they are told by others: figures of usage, an approval, a label. */
@ExtendWith(SharedCluster.class)
final class ControllersEndToEndTest {

  @Test
  void aBusyDeploymentGrows(Cluster cluster) {
    String namespace = "autoscaled";
    cluster.kubectl("create", "namespace", namespace);
    Visitors.awaitServiceAccount(cluster, namespace);
    cluster.apply(
        namespace,
        """
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: worker}
        spec:
          selector: {matchLabels: {app: worker}}
          template:
            metadata: {labels: {app: worker}}
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: main
                  image: coxswain/demo:1
                  command: [sh, -c, "while :; do :; done"]
                  resources: {requests: {cpu: 20m}, limits: {cpu: 60m}}
        ---
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: worker}
        spec:
          scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: worker}
          minReplicas: 1
          maxReplicas: 3
          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
        """);
    try {
      Cluster.eventually(
          "the autoscaler wants three",
          () ->
              cluster.json("-n", namespace, "deployment", "worker").at("/spec/replicas").asInt(0)
                  == 3);
      Cluster.eventually(
          "its status says why",
          () ->
              cluster
                      .json("-n", namespace, "hpa", "worker")
                      .at("/status/currentMetrics/0/resource/current/averageUtilization")
                      .asInt(0)
                  > 50);
    } finally {
      cluster.kubectl("delete", "namespace", namespace, Cluster.PATIENTLY);
    }
  }

  @Test
  void anApprovedRequestBecomesACertificateThatProvesItsUser(
      Cluster cluster, @TempDir Path folder) {
    String request =
        openssl(
            cluster,
            "req",
            "-new",
            "-nodes",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-keyout",
            folder.resolve("key.pem").toString(),
            "-subj",
            "/O=walkers/CN=walker");
    for (String name : List.of("walker", "walker-denied")) {
      cluster.apply(
          "default",
          """
          ---
          apiVersion: certificates.k8s.io/v1
          kind: CertificateSigningRequest
          metadata: {name: %s}
          spec:
            signerName: kubernetes.io/kube-apiserver-client
            usages: [client auth]
            expirationSeconds: 3600
            request: %s
          """
              .formatted(name, base64(request)));
    }
    try {
      cluster.kubectl("certificate", "deny", "walker-denied");
      cluster.kubectl("certificate", "approve", "walker");
      Cluster.eventually("it is signed", () -> !certificate(cluster, "walker").isEmpty());
      assertThat(certificate(cluster, "walker-denied")).isEmpty();
      assertThat(cluster.kubectl("get", "csr", "walker-denied")).contains("Denied");
      Path signed = folder.resolve("certificate.pem");
      write(signed, certificate(cluster, "walker"));
      String who =
          openssl(cluster, "x509", "-in", signed.toString(), "-noout", "-subject", "-enddate");
      assertThat(who).contains("walker");

      cluster.kubectl("create", "role", "walker", "--verb=list", "--resource=configmaps");
      cluster.kubectl("create", "rolebinding", "walker", "--role=walker", "--group=walkers");
      Path kubeconfig = folder.resolve("kubeconfig");
      write(kubeconfig, cluster.kubectl("config", "view", "--raw"));
      cluster.kubectl(
          "--kubeconfig=" + kubeconfig,
          "config",
          "set-credentials",
          "walker",
          "--client-certificate=" + signed,
          "--client-key=" + folder.resolve("key.pem"));
      String[] asWalker = {"--kubeconfig=" + kubeconfig, "--user=walker", "get"};
      Cluster.eventually(
          "the certificate is good for what its group may",
          () ->
              cluster
                  .tryKubectl(asWalker[0], asWalker[1], asWalker[2], "configmaps")
                  .output()
                  .contains("kube-root-ca.crt"));
      assertThat(cluster.tryKubectl(asWalker[0], asWalker[1], asWalker[2], "secrets").errors())
          .contains("User \"walker\" cannot list resource \"secrets\"");
    } finally {
      cluster.kubectl("delete", "csr", "walker", "walker-denied");
      cluster.kubectl("delete", "role,rolebinding", "walker", "--ignore-not-found");
    }
  }

  private static String openssl(Cluster cluster, String... arguments) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    return cluster.shell().run(Duration.ofSeconds(30), command).orFail();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String certificate(Cluster cluster, String request) {
    String encoded = cluster.kubectl("get", "csr", request, "-o", "jsonpath={.status.certificate}");
    return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
  }

  @Test
  void aRoleWithTheLabelIsGatheredByViewUntilItIsDeleted(Cluster cluster) {
    String namespace = "gathered";
    String role = "lookout-at-capacities";
    String rule = "csistoragecapacities.storage.k8s.io";
    cluster.kubectl("create", "namespace", namespace);
    try {
      cluster.kubectl(
          "-n", namespace, "create", "rolebinding", "ann", "--clusterrole=view", "--user=ann");
      assertThat(cluster.kubectl("describe", "clusterrole", "edit"))
          .contains("deployments.apps", "pods/exec");
      assertThat(cluster.kubectl("describe", "clusterrole", "view"))
          .contains("configmaps")
          .doesNotContain(rule);
      cluster.kubectl("create", "clusterrole", role, "--verb=get,list", "--resource=" + rule);
      cluster.kubectl(
          "label", "clusterrole", role, "rbac.authorization.k8s.io/aggregate-to-view=true");
      Cluster.eventually(
          "view and those that gather it have its rule",
          () ->
              List.of("view", "edit", "admin").stream()
                  .allMatch(by -> cluster.kubectl("describe", "clusterrole", by).contains(rule)));
      assertThat(
              cluster.kubectl("get", "clusterrole", "view", "-o", "yaml", "--show-managed-fields"))
          .contains("manager: clusterrole-aggregation-controller")
          .contains("- csistoragecapacities");
      Cluster.eventually("who may view may do it", () -> canSeeCapacities(cluster, namespace));
      cluster.kubectl("delete", "clusterrole", role);
      Cluster.eventually(
          "the rule has gone with its role",
          () ->
              !cluster
                  .kubectl("get", "clusterrole", "view", "-o", "yaml")
                  .contains("csistoragecapacities"));
      Cluster.eventually("and nobody may any more", () -> !canSeeCapacities(cluster, namespace));
    } finally {
      cluster.kubectl("delete", "clusterrole", role, "--ignore-not-found");
      cluster.kubectl("delete", "namespace", namespace, Cluster.PATIENTLY);
    }
  }

  private static boolean canSeeCapacities(Cluster cluster, String namespace) {
    return cluster
        .tryKubectl("-n", namespace, "auth", "can-i", "list", "csistoragecapacities", "--as=ann")
        .output()
        .startsWith("yes");
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
