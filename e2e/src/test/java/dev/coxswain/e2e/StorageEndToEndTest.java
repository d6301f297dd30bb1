package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Volumes that a storage driver mounts, on real nodes: {@link StorageDriver} is the driver. */
@ExtendWith(SharedCluster.class)
final class StorageEndToEndTest {
  private static final String NAMESPACE = "storage-walk";
  private static final String NODE = "node-1";

  @BeforeAll
  static void start(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "create",
        "secret",
        "generic",
        "driver-password",
        "--from-literal=password=secret");
    driver(cluster).start();
  }

  @AfterAll
  static void stop(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "-l", "role=user", "--ignore-not-found");
    driver(cluster).stop();
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
    cluster.kubectl(
        "delete",
        "pv",
        "shared",
        "grown",
        "device",
        "orphaned",
        "owned",
        "origin",
        "restored",
        "--ignore-not-found");
  }

  @Test
  void aDriverIsAskedByGrpcWhetherItServes(Cluster cluster) {
    users(cluster).awaitReady("driver");
  }

  @Test
  void aDriverRegistersAndTheNodeTellsOfIt(Cluster cluster) {
    Cluster.eventually(
        "the driver stands in the CSINode",
        () ->
            cluster
                .json("csinode", NODE)
                .at("/spec/drivers/0/name")
                .asString("")
                .equals(StorageDriver.NAME));
    JsonNode shown = cluster.json("csinode", NODE).at("/spec/drivers/0");
    assertThat(shown.path("nodeID").asString()).isEqualTo("id-of-" + NODE);
    assertThat(shown.at("/allocatable/count").asInt()).isEqualTo(7);
    assertThat(shown.at("/topologyKeys/0").asString()).isEqualTo("tests.coxswain/node");
    assertThat(cluster.kubectl("get", "nodes", "-l", "tests.coxswain/node=" + NODE, "-o", "name"))
        .isEqualTo("node/" + NODE + "\n");
  }

  @Test
  void twoPodsShareWhatIsStagedOnceAndTheLastDetachesIt(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("shared", "Filesystem");
    users(cluster)
        .add("first", VolumeUsers.claim("shared"), "volumeMounts: [{name: v, mountPath: /data}]");
    users(cluster)
        .add("second", VolumeUsers.claim("shared"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("shared");
    users(cluster).awaitReady("first");
    users(cluster).awaitReady("second");
    users(cluster).inside("first", "echo hello > /data/file");
    assertThat(users(cluster).inside("second", "cat /data/file; stat -c %g /data"))
        .isEqualTo("hello\n2000\n");
    String name = "kubernetes.io/csi/" + StorageDriver.NAME + "^handle-of-shared";
    Cluster.eventually(
        "the node tells of it",
        () -> {
          JsonNode status = cluster.json("node", NODE).path("status");
          return Cluster.stream(status.path("volumesInUse"))
                  .map(JsonNode::asString)
                  .anyMatch(name::equals)
              && Cluster.stream(status.path("volumesAttached"))
                  .map(one -> one.path("name").asString())
                  .anyMatch(name::equals);
        });
    // So that something is received.
    users(cluster)
        .inside("second", "timeout 20 wget -qO- http://kubernetes.default:443 2>&1; true");
    Cluster.eventually(
        "it is measured",
        () -> {
          JsonNode summary = summary(cluster, "second");
          assertThat(
                  Cluster.stream(summary.path("volume"))
                      .filter(one -> one.at("/pvcRef/name").asString("").equals("shared"))
                      .map(one -> one.path("availableBytes").asLong()))
              .as("what the driver tells of the volume")
              .containsExactly(700L);
          assertThat(summary.at("/network/rxBytes").asLong()).isPositive();
          return true;
        });
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "first");
    assertThat(users(cluster).inside("second", "cat /data/file")).isEqualTo("hello\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "second");
    Cluster.eventually("it is detached", () -> driver.attachment("shared").isEmpty());
    List<String> calls = driver.calls("handle-of-shared");
    assertThat(calls.stream().map(call -> call.split(" ", 2)[0]))
        .containsExactly("stage", "publish", "publish", "unpublish", "unpublish", "unstage");
    assertThat(calls.getFirst()).contains("attached=berth-7").contains("secrets=password");
    assertThat(calls.get(1))
        .contains("csi.storage.k8s.io/pod.namespace=" + NAMESPACE)
        .contains("csi.storage.k8s.io/ephemeral=false")
        .contains("mode=SINGLE_NODE_WRITER");
  }

  @Test
  void whoseAVolumesFilesAreIsSetAsOftenAsAPodAsks(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("owned", "Filesystem");
    owner(cluster, "first-owner", "Always");
    driver.attach("owned");
    users(cluster).awaitReady("first-owner");
    users(cluster).inside("first-owner", "echo x > /data/file; chgrp 7 /data/file");
    owner(cluster, "sparing-owner", "OnRootMismatch");
    users(cluster).awaitReady("sparing-owner");
    assertThat(users(cluster).inside("sparing-owner", "stat -c %g /data /data/file"))
        .isEqualTo("2000\n7\n");
    owner(cluster, "thorough-owner", "Always");
    users(cluster).awaitReady("thorough-owner");
    assertThat(users(cluster).inside("thorough-owner", "stat -c %g /data /data/file"))
        .isEqualTo("2000\n2000\n");
    cluster.kubectl(
        "-n", NAMESPACE, "delete", "pod", "first-owner", "sparing-owner", "thorough-owner");
    Cluster.eventually("it is detached", () -> driver.attachment("owned").isEmpty());
  }

  private static void owner(Cluster cluster, String name, String policy) {
    String security = "{fsGroup: 2000, fsGroupChangePolicy: " + policy + "}";
    users(cluster)
        .add(
            name,
            security,
            VolumeUsers.claim("owned"),
            "volumeMounts: [{name: v, mountPath: /data}]");
  }

  @Test
  void anInlineVolumeLivesWithItsPod(Cluster cluster) {
    users(cluster)
        .add(
            "inline",
            "csi: {driver: %s, volumeAttributes: {colour: blue}}".formatted(StorageDriver.NAME),
            "volumeMounts: [{name: v, mountPath: /data}]");
    users(cluster).awaitReady("inline");
    users(cluster).inside("inline", "echo x > /data/file");
    String uid = cluster.json("-n", NAMESPACE, "pod", "inline").at("/metadata/uid").asString();
    String published =
        cluster
            .kubectl("-n", NAMESPACE, "exec", "driver", "--", "cat", calls())
            .lines()
            .filter(line -> line.contains("csi.storage.k8s.io/pod.uid=" + uid))
            .findFirst()
            .orElseThrow();
    assertThat(published).contains("csi.storage.k8s.io/ephemeral=true").contains("colour=blue");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "inline");
    String handle = published.split(" ", 3)[1];
    // A pod without grace is gone from the API at once, before its node has put away what it had.
    Cluster.eventually(
        "it is unmounted once",
        () ->
            driver(cluster).calls(handle).stream()
                .map(call -> call.split(" ", 2)[0])
                .toList()
                .equals(List.of("publish", "unpublish")));
  }

  @Test
  void aBlockVolumeIsADeviceInTheContainer(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("device", "Block");
    users(cluster)
        .add(
            "raw",
            VolumeUsers.claim("device"),
            "volumeDevices: [{name: v, devicePath: /dev/disk}]");
    driver.attach("device");
    users(cluster).awaitReady("raw");
    assertThat(
            users(cluster)
                .inside(
                    "raw",
                    "test -b /dev/disk && echo written | dd of=/dev/disk conv=sync 2>/dev/null;"
                        + " head -c 8 /dev/disk"))
        .isEqualTo("written\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "raw");
    Cluster.eventually("it is detached", () -> driver.attachment("device").isEmpty());
  }

  @Test
  void aGrownVolumeReachesTheFileSystemAndTheClaim(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("grown", "Filesystem");
    users(cluster)
        .add("growing", VolumeUsers.claim("grown"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("grown");
    users(cluster).awaitReady("growing");
    String[] growth = {
      "-n",
      NAMESPACE,
      "patch",
      "pvc",
      "grown",
      "-p",
      "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}"
    };
    allowGrowth(cluster, false);
    Cluster.eventually(
        "only where the class allows it",
        () -> {
          List<String> rehearsed = new ArrayList<>(List.of(growth));
          rehearsed.add("--dry-run=server");
          return cluster
              .tryKubectl(rehearsed.toArray(String[]::new))
              .errors()
              .contains("must support resize");
        });
    allowGrowth(cluster, true);
    Cluster.eventually("it is allowed again", () -> cluster.tryKubectl(growth).exitCode() == 0);
    Cluster.eventually(
        "somebody says who will do it",
        () ->
            cluster
                .kubectl("-n", NAMESPACE, "get", "events")
                .contains("waiting for an external controller to expand this PVC"));
    // What a driver's resizer does.
    cluster.kubectl(
        "patch", "pv", "grown", "-p", "{\"spec\":{\"capacity\":{\"storage\":\"2Gi\"}}}");
    Cluster.eventually(
        "the claim knows its new size",
        () ->
            cluster
                .json("-n", NAMESPACE, "pvc", "grown")
                .at("/status/capacity/storage")
                .asString("")
                .equals("2Gi"));
    assertThat(users(cluster).inside("growing", "cat /data/size"))
        .isEqualTo(Long.toString(2L << 30) + "\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "growing");
  }

  @Test
  void whatADeadKubeletLeftMountedIsUnmounted(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("orphaned", "Filesystem");
    users(cluster)
        .add(
            "orphan", VolumeUsers.claim("orphaned"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("orphaned");
    users(cluster).awaitReady("orphan");
    users(cluster).inside("orphan", "echo kept > /data/file");
    cluster.cox("kill", "kubelet-" + NODE).orFail();
    try {
      cluster.kubectl("-n", NAMESPACE, "delete", "pod", "orphan", "--force", "--grace-period=0");
    } finally {
      cluster.cox("restart", "kubelet-" + NODE).orFail();
    }
    Cluster.eventually("it is detached", () -> driver.attachment("orphaned").isEmpty());
    assertThat(driver.calls("handle-of-orphaned").stream().map(call -> call.split(" ", 2)[0]))
        .containsExactly("stage", "publish", "unpublish", "unstage");
    assertThat(
            cluster.kubectl(
                "-n",
                NAMESPACE,
                "exec",
                "driver",
                "--",
                "sh",
                "-c",
                "grep -c orphaned /proc/self/mountinfo || true"))
        .isEqualTo("0\n");
  }

  /** Snapshots are the driver's own kind of object, and its own work: here, the test's. */
  @Test
  void aClaimThatIsToBeFilledFromASnapshotWaitsForItsDriver(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("origin", "Filesystem");
    String mounted = "volumeMounts: [{name: v, mountPath: /data}]";
    users(cluster).add("photographed", VolumeUsers.claim("origin"), mounted);
    driver.attach("origin");
    users(cluster).awaitReady("photographed");
    users(cluster).inside("photographed", "echo then > /data/file");
    driver.copy("origin", "restored");
    users(cluster).inside("photographed", "echo now > /data/file");
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: restored}
        spec:
          storageClassName: %s
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
          dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: then}
        """
            .formatted(StorageDriver.NAME));
    users(cluster).add("viewer", VolumeUsers.claim("restored"), mounted);
    Cluster.eventually(
        "somebody says who is to fill it",
        () ->
            cluster
                .kubectl(
                    "-n",
                    NAMESPACE,
                    "get",
                    "events",
                    "--field-selector=reason=ExternalProvisioning,involvedObject.name=restored",
                    "-o",
                    "name")
                .contains("event/"));
    JsonNode claim = cluster.json("-n", NAMESPACE, "pvc", "restored");
    assertThat(claim.at("/status/phase").asString()).isEqualTo("Pending");
    assertThat(claim.at("/spec/dataSourceRef")).isEqualTo(claim.at("/spec/dataSource"));
    assertThat(claim.at("/spec/dataSourceRef/name").asString()).isEqualTo("then");
    driver.volume("restored", "Filesystem");
    driver.attach("restored");
    users(cluster).awaitReady("viewer");
    assertThat(users(cluster).inside("viewer", "cat /data/file")).isEqualTo("then\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "photographed", "viewer");
    Cluster.eventually("it is detached", () -> driver.attachment("restored").isEmpty());
  }

  private static JsonNode summary(Cluster cluster, String pod) {
    JsonNode all =
        JsonMapper.shared()
            .readTree(
                cluster.kubectl("get", "--raw", "/api/v1/nodes/" + NODE + "/proxy/stats/summary"));
    return Cluster.stream(all.path("pods"))
        .filter(one -> one.at("/podRef/name").asString().equals(pod))
        .findFirst()
        .orElseThrow();
  }

  private static String calls() {
    return "/host/var/lib/kubelet/plugins/" + StorageDriver.NAME + "/calls";
  }

  private static VolumeUsers users(Cluster cluster) {
    return new VolumeUsers(cluster, NAMESPACE, NODE);
  }

  private static StorageDriver driver(Cluster cluster) {
    return new StorageDriver(cluster, NAMESPACE, NODE);
  }

  private static void allowGrowth(Cluster cluster, boolean allowed) {
    cluster.kubectl(
        "patch",
        "storageclass",
        StorageDriver.NAME,
        "-p",
        "{\"allowVolumeExpansion\":" + allowed + "}");
  }
}
