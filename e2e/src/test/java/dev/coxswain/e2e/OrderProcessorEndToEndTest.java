package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user's own service, from apply to delete, with the commands they know. The steps follow one
 * another as in a working day.
 */
@ExtendWith(SharedCluster.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class OrderProcessorEndToEndTest {
  private static final String NAMESPACE = "production";
  private static final String DEPLOYMENT = "deployment/order-processor-deployment";
  private static final String SERVICE = "order-processor-service." + NAMESPACE;

  @BeforeAll
  static void applyTheManifest(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    cluster.kubectl("apply", "-f", "examples/order-processor.yaml");
    Visitors.create(cluster, NAMESPACE);
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", DEPLOYMENT, Cluster.PATIENTLY);
    Visitors.awaitReady(cluster, NAMESPACE);
  }

  @Test
  @Order(1)
  void answersByNameFromEveryNodeAndBalancesOverAllThreePods(Cluster cluster) {
    Set<String> pods = podNames(cluster);
    assertThat(pods).hasSize(3);
    for (String node : cluster.nodes()) {
      // Names and rules reach a node a moment after what they are for is ready.
      Cluster.eventually(
          "all answer from " + node,
          () -> Visitors.ask(cluster, NAMESPACE, node, "http://" + SERVICE, 40).equals(pods));
    }
  }

  @Test
  @Order(2)
  void answersByAddressFromEveryNode(Cluster cluster) {
    String address =
        cluster.kubectl(
            "-n",
            NAMESPACE,
            "get",
            "service",
            "order-processor-service",
            "-o",
            "jsonpath={.spec.clusterIP}");
    for (String node : cluster.nodes()) {
      assertThat(podNames(cluster))
          .containsAll(Visitors.ask(cluster, NAMESPACE, node, "http://" + address, 5));
    }
  }

  @Test
  @Order(3)
  void podsGetTheirConfigurationFromConfigMapAndSecret(Cluster cluster) {
    String environment = cluster.kubectl("-n", NAMESPACE, "exec", DEPLOYMENT, "--", "env");
    assertThat(environment)
        .contains("LOG_LEVEL=INFO")
        .contains("DATABASE_CONNECTION_STRING=postgresql://db_user");
  }

  @Test
  @Order(4)
  void getAndDescribeReadAsAlways(Cluster cluster) {
    assertThat(cluster.kubectl("-n", NAMESPACE, "get", "deployment"))
        .containsPattern("order-processor-deployment +3/3 +3 +3 +");
    assertThat(
            cluster.kubectl(
                "-n", NAMESPACE, "get", "pods", "-o", "wide", "-l", "app=order-processor"))
        .contains("NOMINATED NODE")
        .containsPattern("1/1 +Running +0 +");
    assertThat(cluster.kubectl("-n", NAMESPACE, "describe", DEPLOYMENT))
        .contains("MinimumReplicasAvailable")
        .contains("1 max surge")
        .contains("ScalingReplicaSet");
    String pod = podNames(cluster).iterator().next();
    assertThat(cluster.kubectl("-n", NAMESPACE, "describe", "pod", pod))
        .contains("Successfully assigned " + NAMESPACE + "/" + pod)
        .contains("QoS Class:")
        .contains("Burstable")
        .contains("Started")
        .contains("kube-api-access");
    assertThat(cluster.kubectl("get", "nodes", "-o", "wide"))
        .contains("Ready")
        .contains("containerd://");
  }

  @Test
  @Order(5)
  void logsShowWhatTheContainerPrinted(Cluster cluster) {
    String pod = podNames(cluster).iterator().next();
    assertThat(cluster.kubectl("-n", NAMESPACE, "logs", pod, "--tail=5").lines().count())
        .isBetween(1L, 5L);
    assertThat(cluster.kubectl("-n", NAMESPACE, "logs", "-l", "app=order-processor", "--tail=2"))
        .isNotBlank();
  }

  @Test
  @Order(6)
  void execKeepsOutputInputAndExitCode(Cluster cluster) {
    assertThat(cluster.kubectl("-n", NAMESPACE, "exec", DEPLOYMENT, "--", "echo", "ahoy"))
        .isEqualTo("ahoy\n");
    assertThat(
            cluster
                .tryKubectl("-n", NAMESPACE, "exec", DEPLOYMENT, "--", "sh", "-c", "exit 7")
                .exitCode())
        .isEqualTo(7);
    String echoed =
        cluster
            .shell()
            .run(
                Duration.ofMinutes(1),
                List.of("kubectl", "-n", NAMESPACE, "exec", "-i", DEPLOYMENT, "--", "cat"),
                "through standard input\n")
            .orFail();
    assertThat(echoed).isEqualTo("through standard input\n");
    String terminal =
        cluster
            .shell()
            .run(
                Duration.ofMinutes(1),
                List.of(
                    "script",
                    "-qec",
                    "kubectl -n " + NAMESPACE + " exec -it " + DEPLOYMENT + " -- tty",
                    "/dev/null"))
            .orFail();
    assertThat(terminal).contains("/dev/pts/");
  }

  @Test
  @Order(7)
  void cpCarriesAFileThereAndBack(Cluster cluster, @TempDir Path folder) throws IOException {
    String pod = podNames(cluster).iterator().next();
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 + (i >> 8));
    }
    Path there = Files.write(folder.resolve("there"), content);
    cluster.kubectl("-n", NAMESPACE, "cp", there.toString(), pod + ":/tmp/cargo");
    cluster.kubectl("-n", NAMESPACE, "cp", pod + ":/tmp/cargo", folder.resolve("back").toString());
    assertThat(Files.readAllBytes(folder.resolve("back"))).isEqualTo(content);
  }

  @Test
  @Order(8)
  void portForwardReachesThePod(Cluster cluster, @TempDir Path folder) throws Exception {
    Path out = folder.resolve("out");
    Process forward =
        cluster
            .shell()
            .start(
                List.of("kubectl", "-n", NAMESPACE, "port-forward", DEPLOYMENT, ":8080"),
                Path.of("/dev/null"),
                out,
                folder.resolve("err"));
    try {
      Pattern announced = Pattern.compile("127\\.0\\.0\\.1:(\\d+) -> 8080");
      Cluster.eventually(
          "port-forward announces its port", () -> announced.matcher(read(out)).find());
      Matcher port = announced.matcher(read(out));
      assertThat(port.find()).isTrue();
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.group(1) + "/"))
                .timeout(Cluster.PATIENCE)
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(podNames(cluster)).contains(Visitors.podName(response.body()));
      }
    } finally {
      forward.destroy();
      forward.waitFor();
    }
  }

  @Test
  @Order(9)
  void scalesUpAndDown(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "scale", DEPLOYMENT, "--replicas=5");
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", DEPLOYMENT, Cluster.PATIENTLY);
    assertThat(podNames(cluster)).hasSize(5);
    cluster.kubectl("-n", NAMESPACE, "scale", DEPLOYMENT, "--replicas=3");
    Cluster.eventually("two pods are gone", () -> podNames(cluster).size() == 3);
  }

  @Test
  @Order(10)
  void aRollingUpdateUnderLoadLosesNoRequest(Cluster cluster) {
    Set<String> before = podNames(cluster);
    String node = cluster.nodes().getFirst();
    try (Visitors.Load load = Visitors.load(cluster, NAMESPACE, node, "http://" + SERVICE)) {
      cluster.kubectl("-n", NAMESPACE, "set", "env", DEPLOYMENT, "RELEASE=2");
      cluster.kubectl("-n", NAMESPACE, "rollout", "status", DEPLOYMENT, "--timeout=300s");
      Cluster.eventually(
          "the old pods are gone", () -> podNames(cluster).stream().noneMatch(before::contains));
      Cluster.eventually("many requests are answered", () -> load.tally().answered() > 50);
      Visitors.Tally tally = load.stop();
      assertThat(tally.failed())
          .as("requests failed of " + (tally.answered() + tally.failed()))
          .isZero();
    }
  }

  @Test
  @Order(11)
  void aBadImageStopsTheRolloutAndUndoBringsItBack(Cluster cluster) {
    cluster.kubectl(
        "-n", NAMESPACE, "set", "image", DEPLOYMENT, "processor-engine=coxswain/no-such-image:1");
    Cluster.eventually(
        "the new pod cannot pull its image",
        () ->
            cluster
                .kubectl("-n", NAMESPACE, "get", "pods")
                .matches("(?s).*(ErrImagePull|ImagePullBackOff).*"));
    assertThat(cluster.kubectl("-n", NAMESPACE, "get", "deployment"))
        .containsPattern("order-processor-deployment +3/3 ");
    assertThat(cluster.kubectl("-n", NAMESPACE, "rollout", "history", DEPLOYMENT))
        .contains("REVISION");
    cluster.kubectl("-n", NAMESPACE, "rollout", "undo", DEPLOYMENT);
    cluster.kubectl("-n", NAMESPACE, "rollout", "status", DEPLOYMENT, Cluster.PATIENTLY);
    assertThat(
            cluster.kubectl(
                "-n",
                NAMESPACE,
                "get",
                DEPLOYMENT,
                "-o",
                "jsonpath={.spec.template.spec.containers[0].image}"))
        .isEqualTo("coxswain/demo:1");
  }

  @Test
  @Order(12)
  void deleteTakesEverythingWithIt(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "delete", DEPLOYMENT);
    Cluster.eventually("its pods are gone", () -> podNames(cluster).isEmpty());
    assertThat(cluster.json("-n", NAMESPACE, "replicasets").path("items")).isEmpty();
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
    assertThat(cluster.tryKubectl("get", "namespace", NAMESPACE).errors()).contains("(NotFound)");
  }

  private static Set<String> podNames(Cluster cluster) {
    return Cluster.stream(
            cluster.json("-n", NAMESPACE, "pods", "-l", "app=order-processor").path("items"))
        .map(pod -> pod.path("metadata").path("name").asString())
        .collect(Collectors.toSet());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      return "";
    }
  }
}
