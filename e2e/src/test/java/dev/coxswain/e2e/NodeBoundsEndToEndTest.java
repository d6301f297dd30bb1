package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coxswain.e2e.registry.Gate;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node's configuration bounds: back-off, parallel pulls, logs; and its huge pages. The
 * bounds are low, so that pods reach them within seconds.
 */
@ExtendWith(SharedCluster.class)
final class NodeBoundsEndToEndTest {
  private static final String NAMESPACE = "bounds";
  private static final String REGISTRY = "localhost:5010";
  private static final int GATE = 5011;
  private static final int PULLED = 4;
  private static final int LOG_BYTES = 16 << 10;
  private static final String CONFIGURATION =
      """
      apiVersion: kubelet.config.k8s.io/v1beta1
      kind: KubeletConfiguration
      crashLoopBackOff: {maxContainerRestartPeriod: 12s}
      serializeImagePulls: false
      maxParallelImagePulls: 2
      containerLogMaxSize: 16Ki
      containerLogMaxFiles: 3
      containerLogMonitorInterval: 3s
      """;

  /** Pages of 2 MiB: what the machine has of them is every node's. */
  private static final Path PAGES =
      Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");

  private static final int MORE_PAGES = 8;
  private static int setAside;

  @TempDir private static Path folder;
  private static final ContainerSightings sightings = new ContainerSightings();
  private static KubernetesClient client;
  private static String node = "";

  /** What is to be seen of back-off and logs takes its time while something else is looked at. */
  @BeforeAll
  static void configure(Cluster cluster) throws IOException {
    node = cluster.nodes().get(1);
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    client = Clients.fabric8(cluster);
    client.pods().inNamespace(NAMESPACE).inform(sightings);
    Files.writeString(cluster.home().resolve("kubelet.yaml"), CONFIGURATION);
    setPagesAside(MORE_PAGES);
    cluster.cox("restart", "kubelet-" + node).orFail();
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: crashing}
        spec:
          nodeSelector: {kubernetes.io/hostname: %1$s}
          containers: [{name: main, image: "coxswain/demo:1", command: [sh, -c, exit 3]}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: veteran}
        spec:
          nodeSelector: {kubernetes.io/hostname: %1$s}
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sh, -c, "echo >> /orders/starts; n=$(wc -l < /orders/starts); until [ -e /orders/leave-$n ]; do sleep 0.1; done; exit 3"]
              volumeMounts: [{name: orders, mountPath: /orders}]
          volumes: [{name: orders, emptyDir: {}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: talker}
        spec:
          nodeSelector: {kubernetes.io/hostname: %1$s}
          terminationGracePeriodSeconds: 0
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sh, -c, "i=0; until [ -e /quiet ]; do printf %%02000d $i; echo; i=$((i + 1)); sleep 0.1; done; echo quiet; sleep 12345"]}
        """
            .formatted(node));
  }

  @AfterAll
  static void asItWas(Cluster cluster) throws IOException {
    if (client != null) {
      client.close();
    }
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all", Cluster.PATIENTLY);
    Files.deleteIfExists(cluster.home().resolve("kubelet.yaml"));
    setPagesAside(-setAside);
    cluster.cox("restart", "kubelet-" + node).orFail();
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
  }

  /** More or fewer than before, for others may want some, too; none where the kernel has none. */
  private static void setPagesAside(int more) throws IOException {
    if (Files.exists(PAGES)) {
      int before = pages();
      Files.writeString(PAGES, Integer.toString(Math.max(0, before + more)));
      // The kernel gives what it has in one piece.
      setAside += pages() - before;
    }
  }

  private static int pages() throws IOException {
    return Integer.parseInt(Files.readString(PAGES).strip());
  }

  @Test
  void theBackOffOfACrashingContainerIsCapped() {
    Cluster.eventually(
        "it waits no longer than it may",
        () ->
            sightings.seen.stream()
                .anyMatch(one -> one.matches("crashing \\d+: back-off 12s restarting failed")));
    assertThat(sightings.seen).noneMatch(one -> one.matches("crashing .* back-off [2-9]\\ds .*"));
  }

  /**
   * Nobody waits ten minutes here: containerd's own record of when the container was started is
   * dated back while containerd is down.
   */
  @Test
  void aContainerThatHasRunForTenMinutesIsForgiven(Cluster cluster) throws IOException {
    leave(cluster, 0);
    leave(cluster, 1);
    awaitSeen("veteran 2: running");
    String id = container(cluster, "veteran").path("containerID").asString();
    cluster.cox("kill", "containerd-" + node).orFail();
    try {
      dateBack(cluster, id.replace("containerd://", ""), Duration.ofMinutes(11));
    } finally {
      cluster.cox("restart", "containerd-" + node).orFail();
    }
    leave(cluster, 2);
    leave(cluster, 3);
    // Without forgiveness, it would be the cap by now.
    awaitSeen("veteran 3: back-off 10s restarting failed");
  }

  /** Has the container end that has been started anew so many times; asked twice, it ends once. */
  private static void leave(Cluster cluster, int restarts) {
    String running = "veteran " + restarts + ": running";
    awaitSeen(running);
    String order = "/orders/leave-" + (restarts + 1);
    Cluster.eventually(
        "it has ended",
        () -> {
          boolean ended = sightings.seen.stream().anyMatch(sighting -> isLater(sighting, restarts));
          if (!ended) {
            cluster.tryKubectl("-n", NAMESPACE, "exec", "veteran", "--", "touch", order);
          }
          return ended;
        });
  }

  private static boolean isLater(String sighting, int restarts) {
    return sighting.startsWith("veteran " + restarts + ": back-off")
        || sighting.startsWith("veteran " + restarts + ": ended")
        || sighting.startsWith("veteran " + (restarts + 1));
  }

  private static void awaitSeen(String sighting) {
    Cluster.eventually(sighting, () -> sightings.seen.contains(sighting));
  }

  private static void dateBack(Cluster cluster, String id, Duration by) throws IOException {
    Path containers =
        cluster
            .home()
            .resolve("data")
            .resolve(node)
            .resolve("var/lib/containerd/io.containerd.grpc.v1.cri/containers");
    Path file = containers.resolve(id).resolve("status");
    ObjectNode record = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file));
    long started = record.path("StartedAt").asLong();
    assertThat(started).isPositive();
    record.put("StartedAt", started - by.toNanos());
    Files.writeString(file, record.toString());
  }

  @Test
  void noMoreImagesArePulledAtOnceThanMayBe(Cluster cluster) throws IOException {
    startRegistry(cluster);
    for (int i = 1; i <= PULLED; i++) {
      cluster.apply(
          NAMESPACE,
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: pulled-%1$d, labels: {role: pulled}}
          spec:
            nodeSelector: {kubernetes.io/hostname: %2$s}
            terminationGracePeriodSeconds: 0
            containers: [{name: main, image: "localhost:%3$d/slow-%1$d:1", command: [sleep, "12345"]}]
          """
              .formatted(i, node, GATE));
    }
    // From here on, each of them wants its image.
    await(cluster, "PodReadyToStartContainers");
    Cluster.eventually("two are asked for", () -> gate(cluster, "most").equals("2"));
    gate(cluster, "open");
    await(cluster, "Ready");
    assertThat(gate(cluster, "most")).as("asked for at once").isEqualTo("2");
  }

  private static void await(Cluster cluster, String condition) {
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "wait",
        "pod",
        "-l",
        "role=pulled",
        "--for=condition=" + condition,
        Cluster.PATIENTLY);
  }

  private static String gate(Cluster cluster, String what) {
    return inRegistry(cluster, "wget -qO- http://localhost:" + GATE + "/" + what);
  }

  private static void startRegistry(Cluster cluster) throws IOException {
    Files.writeString(
        folder.resolve("registry.yml"),
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %s/images}}
        http: {addr: "%s"}
        """
            .formatted(folder, REGISTRY));
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: registry}
        spec:
          nodeSelector: {kubernetes.io/hostname: %1$s}
          hostNetwork: true
          terminationGracePeriodSeconds: 0
          containers:
            - {name: registry, image: "coxswain/demo:1", securityContext: {privileged: true}, command: [chroot, /host, docker-registry, serve, %2$s/registry.yml], volumeMounts: [{name: host, mountPath: /host}]}
            - name: gate
              image: coxswain/demo:1
              command: [chroot, /host, %3$s/bin/java, -Xmx32m, -XX:+UseSerialGC, -XX:TieredStopAtLevel=1, -cp, %4$s, %5$s, "%6$d", "http://%7$s/v2/shop"]
              startupProbe: {httpGet: {path: /most, port: %6$d}, periodSeconds: 1, failureThreshold: 300}
              volumeMounts: [{name: host, mountPath: /host}]
          volumes: [{name: host, hostPath: {path: /}}]
        """
            .formatted(
                node,
                folder,
                System.getProperty("java.home"),
                Gate.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
                Gate.class.getName(),
                GATE,
                REGISTRY));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/registry", "--for=condition=Ready", Cluster.PATIENTLY);
    String ctr = "ctr -n k8s.io images ";
    Cluster.eventually(
        "the registry takes the image",
        () -> {
          inRegistry(
              cluster,
              ctr
                  + "tag --force docker.io/coxswain/demo:1 "
                  + REGISTRY
                  + "/shop:1 && "
                  + ctr
                  + "push --plain-http "
                  + REGISTRY
                  + "/shop:1");
          return true;
        });
    inRegistry(cluster, ctr + "rm " + REGISTRY + "/shop:1");
  }

  private static String inRegistry(Cluster cluster, String script) {
    return cluster.kubectl(
        "-n",
        NAMESPACE,
        "exec",
        "registry",
        "-c",
        "registry",
        "--",
        "chroot",
        "/host",
        "sh",
        "-c",
        script);
  }

  @Test
  void aLogIsTurnedOverBySizeAndTheOldestGo(Cluster cluster) {
    SortedSet<String> seen = new TreeSet<>();
    Cluster.eventually(
        "it is turned over, again and again",
        () -> {
          seen.addAll(turnedOver(cluster));
          return seen.size() > 3;
        });
    cluster.kubectl("-n", NAMESPACE, "exec", "talker", "--", "touch", "/quiet");
    Cluster.eventually(
        "nothing is too large once it writes no more",
        () -> {
          seen.addAll(turnedOver(cluster));
          return inLogs(cluster, "zcat -f *").contains("stdout F quiet")
              && Long.parseLong(inLogs(cluster, "stat -c %s 0.log").strip()) <= LOG_BYTES;
        });
    List<String> kept = turnedOver(cluster);
    seen.addAll(kept);
    assertThat(kept)
        .as("the newest")
        .containsExactly(seen.headSet(seen.last()).last(), seen.last());
    assertThat(inLogs(cluster, "ls").lines())
        .as("all but the last are packed")
        .containsExactly("0.log", kept.getFirst() + ".gz", kept.getLast());
    for (String file : inLogs(cluster, "ls -d 0.log.*").lines().toList()) {
      assertThat(inLogs(cluster, "zcat -f " + file).length()).isGreaterThan(LOG_BYTES);
    }
    List<Integer> lines =
        inLogs(cluster, "zcat -f 0.log.*; cat 0.log")
            .lines()
            .map(line -> line.substring(line.indexOf(" stdout F ") + " stdout F ".length()))
            .filter(line -> !line.equals("quiet"))
            .map(line -> Integer.valueOf(line.substring(line.length() - 9)))
            .toList();
    assertThat(lines)
        .as("nothing is lost between two files")
        .containsExactlyElementsOf(
            IntStream.rangeClosed(lines.getFirst(), lines.getLast()).boxed().toList());
  }

  /** The files that are no longer written, in order, without what says that they are packed. */
  private static List<String> turnedOver(Cluster cluster) {
    return inLogs(cluster, "ls")
        .lines()
        .filter(name -> name.startsWith("0.log.") && !name.endsWith(".tmp"))
        .map(name -> name.replace(".gz", ""))
        .distinct()
        .toList();
  }

  private static String inLogs(Cluster cluster, String script) {
    String folder = "cd /var/log/pods/" + NAMESPACE + "_talker_*/main && ";
    return cluster.onNode(node, "sh", "-c", folder + script).orFail();
  }

  @Test
  void hugePagesAreGivenToWhoAsksForThem(Cluster cluster) throws IOException {
    assumeTrue(Files.exists(PAGES), "the kernel knows no pages of 2 MiB");
    assumeTrue(setAside >= MORE_PAGES, "the kernel has no memory left in one piece for huge pages");
    Cluster.eventually(
        "the node tells of them",
        () ->
            cluster
                .json("node", node)
                .at("/status/allocatable/hugepages-2Mi")
                .asString("")
                .endsWith("Mi"));
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: roomy}
        spec:
          nodeSelector: {kubernetes.io/hostname: %s}
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: coxswain/demo:1
              command: [sleep, "12345"]
              resources: {requests: {memory: 10Mi}, limits: {memory: 100Mi, hugepages-2Mi: 4Mi}}
              volumeMounts: [{name: pages, mountPath: /pages}]
          volumes: [{name: pages, emptyDir: {medium: HugePages}}]
        """
            .formatted(node));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/roomy", "--for=condition=Ready", Cluster.PATIENTLY);
    String looked =
        cluster.kubectl(
            "-n",
            NAMESPACE,
            "exec",
            "roomy",
            "--",
            "sh",
            "-c",
            "grep -o '/pages hugetlbfs.*pagesize=2M' /proc/mounts; fallocate -l 4194304 /pages/two"
                + " && stat -c %b /pages/two");
    assertThat(looked).contains("/pages hugetlbfs ", "pagesize=2M").endsWith("\n8192\n");
  }

  private static JsonNode container(Cluster cluster, String pod) {
    return cluster.json("-n", NAMESPACE, "pod", pod).at("/status/containerStatuses/0");
  }
}
