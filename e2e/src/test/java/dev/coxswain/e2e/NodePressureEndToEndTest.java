package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A {@link SmallNode} that pods use up: it says so, clears away what nobody needs, ends pods in
 * upstream's order until there is enough, and recovers.
 */
@ExtendWith(SharedCluster.class)
final class NodePressureEndToEndTest {
  private static final String NAMESPACE = "pressure";
  private static final long MEBI = SmallNode.MEBI;
  private static final long PLENTY = 8192 * MEBI;

  /** Images lie on the node's own file system, so that its threshold is theirs as well. */
  private static final String CONFIGURATION =
      """
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      evictionHard: {memory.available: 256Mi, nodefs.available: 50Mi, nodefs.inodesFree: 10000, imagefs.available: 0%, pid.available: 40%}
      evictionMinimumReclaim: {memory.available: 150Mi}
      evictionPressureTransitionPeriod: 2s
      imageGCHighThresholdPercent: 50
      imageGCLowThresholdPercent: 40
      imageMinimumGCAge: 0s
      """;

  @TempDir private static Path folder;
  private static String node = "";
  private static SmallNode small;
  private static KubernetesClient client;

  /** What the node was ever seen to have: conditions that hold, and taints. */
  private static final class Sightings implements ResourceEventHandler<Node> {
    final Set<String> seen = ConcurrentHashMap.newKeySet();

    @Override
    public void onAdd(Node node) {
      node.getStatus().getConditions().stream()
          .filter(condition -> condition.getStatus().equals("True"))
          .forEach(condition -> seen.add(condition.getType()));
      node.getSpec().getTaints().forEach(taint -> seen.add(taint.getKey()));
    }

    @Override
    public void onUpdate(Node before, Node after) {
      onAdd(after);
    }

    @Override
    public void onDelete(Node last, boolean unknown) {}
  }

  @BeforeAll
  static void makeItSmall(Cluster cluster) throws IOException {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: prized}
        value: 1000
        """);
    node = cluster.nodes().getLast();
    small = SmallNode.make(cluster, node, folder, CONFIGURATION, PLENTY);
    client = Clients.fabric8(cluster);
    cluster.kubectl("wait", "--for=condition=Ready", "node/" + node, Cluster.PATIENTLY);
  }

  @AfterAll
  static void asItWas(Cluster cluster) {
    if (client != null) {
      client.close();
    }
    if (small != null) {
      small.close();
    }
    cluster.kubectl("delete", "priorityclass", "prized", "--ignore-not-found");
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  @Test
  void unusedImagesGoWhenTheDiskIsFullToTheHighMarkAndOnlyDownToTheLow(Cluster cluster) {
    List<String> builtin = small.images();
    cluster.cox("kill", "kubelet-" + node).orFail();
    // Their layers lie there twice, packed and unpacked: 176 of 320 MiB.
    small.importImages(images(cluster, "ballast", 4, 22));
    assertThat(small.images()).hasSize(builtin.size() + 4);
    cluster.cox("restart", "kubelet-" + node).orFail();
    Cluster.eventually(
        "three are removed, which is enough", () -> small.images().size() == builtin.size() + 1);
    assertThat(small.images()).containsAll(builtin);
  }

  @Test
  void aFullDiskIsClearedAndThenFreedOfWhoUsesMoreThanHeAskedFor(Cluster cluster) {
    List<String> builtin =
        small.images().stream().filter(image -> !image.contains("ballast")).toList();
    small.importImages(images(cluster, "unused", 1, 22));
    pod(cluster, "finished", "", "", "head -c 15m /dev/zero > /left-behind");
    pod(cluster, "modest", "", "ephemeral-storage: 50Mi", writes(25));
    pod(cluster, "prized", "priorityClassName: prized", "", writes(20));
    pod(cluster, "filler", "", "", writes(1));
    awaitReady(cluster, "modest", "prized", "filler");
    Cluster.eventually("it has finished", () -> phase(cluster, "finished").equals("Succeeded"));
    assertThat(small.containers()).contains(container(cluster, "finished"));

    Sightings sightings = new Sightings();
    try (var watch = client.nodes().withName(node).inform(sightings)) {
      fill(cluster, "first", 30);
      Cluster.eventually(
          "what nobody needs is cleared away",
          () ->
              small.images().equals(builtin)
                  && !small.containers().contains(container(cluster, "finished")));
      assertThat(small.free()).as("which is enough").isGreaterThan(50 * MEBI);
      fill(cluster, "second", 20);
      awaitEvicted(cluster, "filler", "The node was low on resource: ephemeral-storage. ");
      Cluster.eventually("there is room again", () -> small.free() > 150 * MEBI);
      awaitRecovered(cluster, "DiskPressure", "node.kubernetes.io/disk-pressure");
      assertThat(watch.isRunning()).isTrue();
    }
    assertThat(sightings.seen).contains("DiskPressure", "node.kubernetes.io/disk-pressure");
    assertUnharmed(cluster, "modest", "prized");
    assertThat(nodeEvents(cluster)).contains("Attempting to reclaim ephemeral-storage");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all", "--now");
  }

  @Test
  void pressureOnMemoryEndsPodsInTheirOrder(Cluster cluster) {
    pod(cluster, "keeper", "", "memory: 150Mi", holds(100));
    pod(cluster, "vital", "priorityClassName: system-node-critical", "", holds(100));
    pod(cluster, "prized", "priorityClassName: prized", "", holds(200));
    pod(cluster, "slight", "", "", holds(150));
    pod(cluster, "hog", "", "", holds(250));
    awaitReady(cluster, "keeper", "vital", "prized", "slight", "hog");
    // Whoever is looked at before he has all of his would seem to be a smaller one.
    Cluster.eventually("they hold what they hold", () -> small.podsUse() >= 800 * MEBI);
    Sightings sightings = new Sightings();
    try (var watch = client.nodes().withName(node).inform(sightings)) {
      // The others leave 75 MiB above the threshold, which is as much below the minimum.
      small.podMemory((256 + 550 + 8 + 75) * MEBI);
      awaitEvicted(cluster, "hog", "The node was low on resource: memory. ");
      awaitEvicted(cluster, "slight", "The node was low on resource: memory. ");
      awaitRecovered(cluster, "MemoryPressure", "node.kubernetes.io/memory-pressure");
      assertThat(watch.isRunning()).isTrue();
    }
    assertThat(sightings.seen).contains("MemoryPressure", "node.kubernetes.io/memory-pressure");
    assertThat(disrupted(cluster, "hog")).isBeforeOrEqualTo(disrupted(cluster, "slight"));
    // What is free here is told late by what stands in for the kernel: where the last pod's memory
    // still seems used, the next one goes, too. Never one that is critical, nor out of its order.
    assertUnharmed(cluster, "vital");
    if (phase(cluster, "prized").equals("Failed")) {
      assertThat(disrupted(cluster, "slight")).isBeforeOrEqualTo(disrupted(cluster, "prized"));
    } else {
      assertUnharmed(cluster, "prized", "keeper");
    }
    assertThat(nodeEvents(cluster)).contains("Attempting to reclaim memory");
    small.podMemory(PLENTY);
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all", "--now");
  }

  @Test
  void pressureOnProcessesEndsWhoHasMost(Cluster cluster) {
    pod(
        cluster,
        "thrifty",
        "priorityClassName: system-node-critical",
        "",
        "while :; do sleep 1; done");
    awaitReady(cluster, "thrifty");
    Sightings sightings = new Sightings();
    try (var watch = client.nodes().withName(node).inform(sightings)) {
      // Of a thousand; 400 are to be left.
      String script = "i=0; while [ $i -lt 700 ]; do sleep 12345 & i=$((i + 1)); done; wait";
      pod(cluster, "prolific", "", "", script);
      awaitEvicted(cluster, "prolific", "The node was low on resource: pids. ");
      awaitRecovered(cluster, "PIDPressure", "node.kubernetes.io/pid-pressure");
      assertThat(watch.isRunning()).isTrue();
    }
    assertThat(sightings.seen).contains("PIDPressure");
    assertUnharmed(cluster, "thrifty");
    assertThat(nodeEvents(cluster)).contains("Attempting to reclaim pids");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all", "--now");
  }

  @Test
  void pressureOnFilesEndsWhoHasMost(Cluster cluster) {
    pod(cluster, "tidy", "priorityClassName: system-node-critical", "", writes(1));
    awaitReady(cluster, "tidy");
    Sightings sightings = new Sightings();
    try (var watch = client.nodes().withName(node).inform(sightings)) {
      // Of forty thousand; ten thousand are to be left.
      String script = "cd /data && seq 33000 | xargs touch; while :; do sleep 1; done";
      pod(cluster, "litterer", "", "", script);
      awaitEvicted(cluster, "litterer", "The node was low on resource: inodes. ");
      awaitRecovered(cluster, "DiskPressure", "node.kubernetes.io/disk-pressure");
      assertThat(watch.isRunning()).isTrue();
    }
    assertThat(sightings.seen).contains("DiskPressure");
    assertUnharmed(cluster, "tidy");
    assertThat(nodeEvents(cluster)).contains("Attempting to reclaim inodes");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all", "--now");
  }

  private static String writes(int mebi) {
    return "head -c " + mebi + "m /dev/zero > /data/own; while :; do sleep 1; done";
  }

  /** What it has read stays in its memory, for nobody takes it. */
  private static String holds(int mebi) {
    return "dd if=/dev/zero bs=" + mebi + "M | while :; do sleep 1; done";
  }

  private static void pod(
      Cluster cluster, String name, String more, String requests, String script) {
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s}
        spec:
          nodeSelector: {kubernetes.io/hostname: %2$s}
          restartPolicy: OnFailure
          terminationGracePeriodSeconds: 0
          %3$s
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "%5$s"]
              resources: {requests: {%4$s}}
              volumeMounts: [{name: data, mountPath: /data}]
          volumes: [{name: data, emptyDir: {}}]
        """
            .formatted(name, node, more, requests, script));
  }

  /** Has the filler write until there are so many MiB left. */
  private static void fill(Cluster cluster, String file, long left) {
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "exec",
        "filler",
        "--",
        "sh",
        "-c",
        "head -c " + (small.free() - left * MEBI) + " /dev/zero > /data/" + file);
  }

  /** An archive of images of one layer that cannot be compressed; none can be run. */
  private static Path images(Cluster cluster, String name, int count, int mebi) {
    String script =
        """
        cd "$(mktemp -d -p "$1")"
        for n in $(seq "$3"); do
          head -c "$4M" /dev/urandom > "$n.file"
          tar -cf "$n.tar" "$n.file"
          digest=$(sha256sum "$n.tar" | cut -d ' ' -f 1)
          printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
            "$(dpkg --print-architecture)" "$digest" > "$n.json"
          printf '%s{"Config":"%s.json","RepoTags":["docker.io/coxswain/%s-%s:1"],"Layers":["%s.tar"]}' \
            "$([ -e manifest.json ] && echo , || echo '[')" "$n" "$2" "$n" "$n" >> manifest.json
        done
        echo ']' >> manifest.json
        tar -cf "$1/$2.tar" manifest.json *.json $(ls | grep -E '^[0-9]+.tar$')
        """;
    cluster
        .shell()
        .run(
            Duration.ofMinutes(2),
            List.of(
                "sh",
                "-ec",
                script,
                "sh",
                folder.toString(),
                name,
                Integer.toString(count),
                Integer.toString(mebi)))
        .orFail();
    return folder.resolve(name + ".tar");
  }

  private static void awaitReady(Cluster cluster, String... pods) {
    for (String pod : pods) {
      cluster.kubectl(
          "-n", NAMESPACE, "wait", "pod/" + pod, "--for=condition=Ready", Cluster.PATIENTLY);
    }
  }

  private static void awaitEvicted(Cluster cluster, String pod, String message) {
    Cluster.eventually(
        pod + " is evicted",
        () -> {
          JsonNode status = status(cluster, pod);
          return status.path("phase").asString("").equals("Failed")
              && status.path("reason").asString("").equals("Evicted")
              && status.path("message").asString("").startsWith(message);
        });
    assertThat(condition(status(cluster, pod), "DisruptionTarget").path("reason").asString(""))
        .isEqualTo("TerminationByKubelet");
  }

  /** The node has neither condition nor taint any more, and takes a pod that asks for nothing. */
  private static void awaitRecovered(Cluster cluster, String pressure, String taint) {
    Cluster.eventually(
        "the node is short of nothing",
        () -> {
          JsonNode now = cluster.json("node", node);
          String holds = condition(now.path("status"), pressure).path("status").asString("");
          return holds.equals("False") && !now.at("/spec/taints").toString().contains(taint);
        });
    pod(cluster, "newcomer", "", "", "while :; do sleep 1; done");
    awaitReady(cluster, "newcomer");
  }

  private static void assertUnharmed(Cluster cluster, String... pods) {
    for (String pod : pods) {
      JsonNode status = status(cluster, pod);
      assertThat(status.path("phase").asString("")).as(pod).isEqualTo("Running");
      assertThat(status.at("/containerStatuses/0/restartCount").asInt(-1)).as(pod).isZero();
    }
  }

  private static JsonNode status(Cluster cluster, String pod) {
    return cluster.json("-n", NAMESPACE, "pod", pod).path("status");
  }

  private static String phase(Cluster cluster, String pod) {
    return status(cluster, pod).path("phase").asString("");
  }

  private static String container(Cluster cluster, String pod) {
    return status(cluster, pod)
        .at("/containerStatuses/0/containerID")
        .asString("")
        .replace("containerd://", "");
  }

  private static Instant disrupted(Cluster cluster, String pod) {
    return Instant.parse(
        condition(status(cluster, pod), "DisruptionTarget").path("lastTransitionTime").asString());
  }

  private static JsonNode condition(JsonNode status, String type) {
    return Cluster.stream(status.path("conditions"))
        .filter(one -> one.path("type").asString("").equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no condition " + type));
  }

  private static String nodeEvents(Cluster cluster) {
    return cluster.kubectl(
        "get",
        "events",
        "--field-selector=reason=EvictionThresholdMet,involvedObject.name=" + node,
        "-o",
        "jsonpath={.items[*].message}");
  }
}
