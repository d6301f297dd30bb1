package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people get wrong: each gives a message that names the cause, and the cluster stays sound.
 */
@ExtendWith(SharedCluster.class)
final class BadInputEndToEndTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @AfterEach
  void theClusterIsStillSound(Cluster cluster) {
    assertThat(cluster.kubectl("get", "--raw", "/readyz")).isEqualTo("ok");
  }

  @Test
  void malformedYaml(Cluster cluster) {
    Shell.Outcome outcome =
        post(
            cluster,
            "/api/v1/namespaces/default/configmaps",
            "application/yaml",
            "kind: ConfigMap\ndata: {a: \"b\n");
    assertThat(outcome.output())
        .contains("\"kind\":\"Status\"")
        .contains("\"reason\":\"BadRequest\"")
        .contains("while scanning a quoted scalar")
        .contains("line 2, column 11");
  }

  @Test
  void malformedJson(Cluster cluster) {
    Shell.Outcome outcome =
        post(cluster, "/api/v1/namespaces/default/configmaps", "application/json", "{\"kind\": ");
    assertThat(outcome.output()).contains("\"kind\":\"Status\"").contains("\"code\":400");
  }

  @Test
  void anUnknownField(Cluster cluster) {
    assertThat(
            create(
                cluster,
                "---\n"
                    + "{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {replcas:"
                    + " 3, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},"
                    + " spec: {containers: [{name: c, image: i}]}}}}"))
        .contains("strict decoding error: unknown field \"spec.replcas\"");
  }

  @Test
  void aWrongType(Cluster cluster) {
    assertThat(
            create(
                cluster,
                "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: x}, spec: {replicas:"
                    + " three, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a:"
                    + " b}}, spec: {containers: [{name: c, image: i}]}}}}"))
        .contains("spec.replicas");
  }

  @Test
  void aMissingField(Cluster cluster) {
    assertThat(
            create(
                cluster,
                "---\n{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {containers: [{name:"
                    + " c}]}}"))
        .contains("Pod \"x\" is invalid: spec.containers[0].image: Required value");
  }

  @Test
  void anObjectThatIsTooLarge(Cluster cluster, @TempDir Path folder) throws IOException {
    Path large = Files.writeString(folder.resolve("large"), "x".repeat((1 << 20) + 1));
    assertThat(
            cluster
                .tryKubectl("create", "configmap", "large", "--from-file", large.toString())
                .errors())
        .contains("Too long: may not be more than 1048576 bytes");
    Path huge = Files.writeString(folder.resolve("huge"), "x".repeat(9 << 20));
    assertThat(
            cluster
                .tryKubectl("create", "configmap", "huge", "--from-file", huge.toString())
                .errors())
        .contains("too large");
  }

  @Test
  void aRequestThatIsTooLarge(Cluster cluster, @TempDir Path folder) throws IOException {
    Path large =
        Files.writeString(
            folder.resolve("large.json"),
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"large\"},\"data\":{\"a\":\"%s\"}}"
                .formatted("x".repeat(4 << 20)));
    assertThat(cluster.tryKubectl("create", "-f", large.toString()).errors())
        .contains("(RequestEntityTooLarge)")
        .contains("Request entity too large: limit is 3145728");
  }

  @Test
  void nobodyAndAStranger(Cluster cluster) {
    String server = cluster.status().path("apiservers").path(0).asString();
    assertThat(curl(cluster, List.of("-k", server + "/api/v1/namespaces/default/pods")).output())
        .contains(
            "pods is forbidden: User \\\"system:anonymous\\\" cannot list resource \\\"pods\\\"");
    assertThat(
            curl(
                    cluster,
                    List.of(
                        "-k",
                        "-H",
                        "Authorization: Bearer not.a.token",
                        server + "/api/v1/namespaces"))
                .output())
        .contains("\"code\":401")
        .contains("Unauthorized");
    assertThat(cluster.tryKubectl("--as=stranger", "get", "secrets", "-n", "kube-system").errors())
        .contains(
            "secrets is forbidden: User \"stranger\" cannot list resource \"secrets\" in API group"
                + " \"\" in the namespace \"kube-system\"");
  }

  @Test
  void aPodThatFitsNowhere(Cluster cluster) {
    cluster.apply(
        "default",
        "---\n"
            + "{apiVersion: v1, kind: Pod, metadata: {name: giant}, spec: {containers: [{name: c,"
            + " image: 'coxswain/demo:1', resources: {requests: {cpu: 1k}}}]}}");
    try {
      Cluster.eventually(
          "the scheduler says why",
          () ->
              cluster
                  .kubectl(
                      "get",
                      "events",
                      "--field-selector",
                      "reason=FailedScheduling,involvedObject.name=giant")
                  .contains("0/3 nodes are available: 3 Insufficient cpu"));
    } finally {
      cluster.kubectl("delete", "pod", "giant", "--grace-period=0", "--force");
    }
  }

  @Test
  void anUnknownKindAndAnUnknownName(Cluster cluster) {
    assertThat(cluster.tryKubectl("get", "barges").errors())
        .contains("the server doesn't have a resource type \"barges\"");
    assertThat(cluster.tryKubectl("get", "pod", "flying-dutchman").errors())
        .contains("Error from server (NotFound): pods \"flying-dutchman\" not found");
  }

  @Test
  void aPortThatIsTaken(@TempDir Path folder) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Shell.Outcome outcome =
          Cluster.at(folder.resolve("home"))
              .cox("up", "--api-port", Integer.toString(taken.getLocalPort()));
      assertThat(outcome.exitCode()).isNotZero();
      assertThat(outcome.errors())
          .contains(Integer.toString(taken.getLocalPort()))
          .contains("--api-port");
      assertThat(outcome.errors()).doesNotContain("Exception");
    }
  }

  @Test
  void notRoot(Cluster cluster, @TempDir Path folder) {
    Shell.Outcome outcome =
        cluster
            .shell()
            .run(
                LIMIT,
                List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--clear-groups",
                    Repository.root().resolve("cox").toString(),
                    "--home",
                    folder.toString(),
                    "up"));
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.errors()).contains("root").contains("sudo").doesNotContain("Exception");
  }

  @Test
  void noContainerd(Cluster cluster, @TempDir Path folder) {
    Shell.Outcome outcome =
        inPrivateMounts(
            cluster,
            "mount --bind /dev/null \"$(command -v containerd)\" && COX_HOME=%s ./cox up --no-install --api-port 0"
                .formatted(folder.resolve("home")));
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.errors()).contains("containerd").contains("apt").doesNotContain("Exception");
  }

  @Test
  void aFullDiskAtStart(Cluster cluster, @TempDir Path folder) {
    Shell.Outcome outcome =
        inPrivateMounts(
            cluster,
            "mount -t tmpfs -o size=64k none %1$s && COX_HOME=%1$s ./cox up --api-port 0"
                .formatted(folder));
    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.errors())
        .containsIgnoringCase("space")
        .contains(folder.toString())
        .doesNotContain("Exception");
  }

  private static Shell.Outcome inPrivateMounts(Cluster cluster, String script) {
    return cluster.shell().run(LIMIT, List.of("unshare", "-m", "sh", "-c", script));
  }

  private static String create(Cluster cluster, String manifest) {
    Shell.Outcome outcome =
        cluster.shell().run(LIMIT, List.of("kubectl", "create", "-f", "-"), manifest);
    assertThat(outcome.exitCode()).isNotZero();
    return outcome.errors();
  }

  /** Posts with the administrator's certificate. */
  private static Shell.Outcome post(Cluster cluster, String path, String type, String body) {
    String server = cluster.status().path("apiservers").path(0).asString();
    String kubeconfig = cluster.kubectl("config", "view", "--raw", "-o", "json");
    return AdminCertificate.of(kubeconfig)
        .use((certificate, key) ->
            curl(
                cluster,
                List.of(
                    "-k",
                    "--cert",
                    certificate,
                    "--key",
                    key,
                    "-H",
                    "Content-Type: " + type,
                    "--data-binary",
                    body,
                    server + path)));
  }

  private static Shell.Outcome curl(Cluster cluster, List<String> arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("curl", "-sS", "--max-time", "30"));
    command.addAll(arguments);
    return cluster.shell().run(LIMIT, command);
  }
}
