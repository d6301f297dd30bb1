package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
        "exported",
        "owned",
        "ashore",
        "--ignore-not-found");
  }

  @Test
  void aDriverIsAskedByGrpcWhetherItServes(Cluster cluster) {
    awaitReady(cluster, "driver");
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
    user(cluster, "first", claim("shared"), "volumeMounts: [{name: v, mountPath: /data}]");
    user(cluster, "second", claim("shared"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("shared");
    awaitReady(cluster, "first");
    awaitReady(cluster, "second");
    inside(cluster, "first", "echo hello > /data/file");
    assertThat(inside(cluster, "second", "cat /data/file; stat -c %g /data"))
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
    inside(cluster, "second", "timeout 20 wget -qO- http://kubernetes.default:443 2>&1; true");
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
    assertThat(inside(cluster, "second", "cat /data/file")).isEqualTo("hello\n");
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
  void whoMayWriteAVolumeMayWriteBelowIt(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: below}
        spec:
          terminationGracePeriodSeconds: 0
          securityContext: {runAsUser: 1000}
          containers:
            - name: main
              image: "coxswain/demo:1"
              command: [sleep, "12345"]
              volumeMounts: [{name: v, mountPath: /data, subPath: deep/below}]
          volumes:
            - {name: v, emptyDir: {}}
        """);
    awaitReady(cluster, "below");
    assertThat(inside(cluster, "below", "echo x > /data/file; stat -c '%a %u' /data /data/file"))
        .isEqualTo("777 0\n644 1000\n");
    user(cluster, "grouped", "emptyDir: {}", "securityContext: {runAsUser: 1000}");
    awaitReady(cluster, "grouped");
    assertThat(
            inside(
                cluster,
                "grouped",
                "stat -L -c '%a %u %g' /var/run/secrets/kubernetes.io/serviceaccount/token"))
        .isEqualTo("640 1000 2000\n");
  }

  @Test
  void whoseAVolumesFilesAreIsSetAsOftenAsAPodAsks(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("owned", "Filesystem");
    owner(cluster, "first-owner", "Always");
    driver.attach("owned");
    awaitReady(cluster, "first-owner");
    inside(cluster, "first-owner", "echo x > /data/file; chgrp 7 /data/file");
    owner(cluster, "sparing-owner", "OnRootMismatch");
    awaitReady(cluster, "sparing-owner");
    assertThat(inside(cluster, "sparing-owner", "stat -c %g /data /data/file"))
        .isEqualTo("2000\n7\n");
    owner(cluster, "thorough-owner", "Always");
    awaitReady(cluster, "thorough-owner");
    assertThat(inside(cluster, "thorough-owner", "stat -c %g /data /data/file"))
        .isEqualTo("2000\n2000\n");
    cluster.kubectl(
        "-n", NAMESPACE, "delete", "pod", "first-owner", "sparing-owner", "thorough-owner");
    Cluster.eventually("it is detached", () -> driver.attachment("owned").isEmpty());
  }

  private static void owner(Cluster cluster, String name, String policy) {
    String security = "{fsGroup: 2000, fsGroupChangePolicy: " + policy + "}";
    user(cluster, name, security, claim("owned"), "volumeMounts: [{name: v, mountPath: /data}]");
  }

  @Test
  void aClaimOfALocalFolderIsKeptOnItsNode(Cluster cluster) {
    cluster.onNode(NODE, "mkdir", "-p", "/run/coxswain-ashore").orFail();
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: ashore}
        spec:
          capacity: {storage: 1Mi}
          accessModes: [ReadWriteOnce]
          storageClassName: folders
          local: {path: /run/coxswain-ashore}
          nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]}]}}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: ashore}
        spec:
          accessModes: [ReadWriteOnce]
          storageClassName: folders
          volumeName: ashore
          resources: {requests: {storage: 1Mi}}
        """
            .formatted(NODE));
    user(cluster, "walker", claim("ashore"), "volumeMounts: [{name: v, mountPath: /data}]");
    awaitReady(cluster, "walker");
    inside(cluster, "walker", "echo kept > /data/file");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "walker");
    assertThat(cluster.onNode(NODE, "sh", "-c", "cd /run/coxswain-ashore; cat file; stat -c %g ."))
        .extracting(Shell.Outcome::output)
        .isEqualTo("kept\n2000\n");
  }

  @Test
  void anInlineVolumeLivesWithItsPod(Cluster cluster) {
    user(
        cluster,
        "inline",
        "csi: {driver: %s, volumeAttributes: {colour: blue}}".formatted(StorageDriver.NAME),
        "volumeMounts: [{name: v, mountPath: /data}]");
    awaitReady(cluster, "inline");
    inside(cluster, "inline", "echo x > /data/file");
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
    user(cluster, "raw", claim("device"), "volumeDevices: [{name: v, devicePath: /dev/disk}]");
    driver.attach("device");
    awaitReady(cluster, "raw");
    assertThat(
            inside(
                cluster,
                "raw",
                "test -b /dev/disk && echo written | dd of=/dev/disk conv=sync 2>/dev/null;"
                    + " head -c 8 /dev/disk"))
        .isEqualTo("written\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "raw");
    Cluster.eventually("it is detached", () -> driver.attachment("device").isEmpty());
  }

  @Test
  void aClaimThatIsMadeForAPodGoesWithIt(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: storage-walk}
        provisioner: coxswain.dev/node-local
        volumeBindingMode: WaitForFirstConsumer
        """);
    user(
        cluster,
        "own",
        "ephemeral: {volumeClaimTemplate: {metadata: {labels: {kind: own}}, spec:"
            + " {storageClassName: storage-walk, accessModes: [ReadWriteOnce], resources:"
            + " {requests: {storage: 1Gi}}}}}",
        "volumeMounts: [{name: v, mountPath: /data}]");
    awaitReady(cluster, "own");
    assertThat(cluster.kubectl("-n", NAMESPACE, "get", "pvc", "-l", "kind=own", "-o", "name"))
        .isEqualTo("persistentvolumeclaim/own-v\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "own");
    Cluster.eventually(
        "the claim is gone",
        () ->
            cluster
                .kubectl("-n", NAMESPACE, "get", "pvc", "-l", "kind=own", "-o", "name")
                .isEmpty());
    cluster.kubectl("delete", "storageclass", "storage-walk");
  }

  @Test
  void aClassOfAttributesIsKeptWhileAClaimWantsIt(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: storage.k8s.io/v1
        kind: VolumeAttributesClass
        metadata: {name: wanted}
        driverName: tests.coxswain.dev
        parameters: {speed: high}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: wants}
        spec:
          volumeAttributesClassName: wanted
          storageClassName: none
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
        """);
    assertThat(cluster.json("volumeattributesclass", "wanted").at("/metadata/finalizers/0"))
        .hasToString("\"kubernetes.io/vac-protection\"");
    cluster.kubectl("delete", "volumeattributesclass", "wanted", "--wait=false");
    JsonNode kept = cluster.json("volumeattributesclass", "wanted").path("metadata");
    assertThat(kept.has("deletionTimestamp") && kept.has("finalizers")).isTrue();
    cluster.kubectl("-n", NAMESPACE, "delete", "pvc", "wants");
    Cluster.eventually(
        "the class is gone",
        () ->
            cluster
                .kubectl("get", "volumeattributesclass", "wanted", "--ignore-not-found")
                .isEmpty());
  }

  @Test
  void aGrownVolumeReachesTheFileSystemAndTheClaim(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("grown", "Filesystem");
    user(cluster, "growing", claim("grown"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("grown");
    awaitReady(cluster, "growing");
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
    assertThat(inside(cluster, "growing", "cat /data/size"))
        .isEqualTo(Long.toString(2L << 30) + "\n");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "growing");
  }

  @Test
  void whatADeadKubeletLeftMountedIsUnmounted(Cluster cluster) {
    StorageDriver driver = driver(cluster);
    driver.provision("orphaned", "Filesystem");
    user(cluster, "orphan", claim("orphaned"), "volumeMounts: [{name: v, mountPath: /data}]");
    driver.attach("orphaned");
    awaitReady(cluster, "orphan");
    inside(cluster, "orphan", "echo kept > /data/file");
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

  @Test
  void anExportThatCannotBeMountedIsToldInAnEvent(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: exported}
        spec:
          capacity: {storage: 1Mi}
          accessModes: [ReadWriteMany]
          storageClassName: exports
          mountOptions: [retry=0, nfsvers=4.1]
          nfs: {server: 127.0.0.1, path: /exports/nothing}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: exported}
        spec:
          accessModes: [ReadWriteMany]
          storageClassName: exports
          volumeName: exported
          resources: {requests: {storage: 1Mi}}
        """);
    user(cluster, "importer", claim("exported"), "volumeMounts: [{name: v, mountPath: /data}]");
    // With a helper it is the server that is missing; either way the event names the export.
    Cluster.eventually(
        "the event says why",
        () ->
            cluster
                .kubectl(
                    "-n",
                    NAMESPACE,
                    "get",
                    "events",
                    "--field-selector=reason=FailedMount,involvedObject.name=importer",
                    "-o",
                    "jsonpath={.items[*].message}")
                .matches(
                    "(?s).*MountVolume.SetUp failed for volume \"v\" : "
                        + ".*mount.nfs.*127.0.0.1:/exports/nothing.*"));
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "importer");
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

  private static String claim(String name) {
    return "persistentVolumeClaim: {claimName: %s}".formatted(name);
  }

  private static void user(Cluster cluster, String name, String volume, String uses) {
    user(cluster, name, "{fsGroup: 2000}", volume, uses);
  }

  private static void user(
      Cluster cluster, String name, String security, String volume, String uses) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s, labels: {role: user}}
        spec:
          nodeSelector: {kubernetes.io/hostname: %2$s}
          terminationGracePeriodSeconds: 0
          securityContext: %5$s
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sleep, "12345"], %4$s}
          volumes:
            - {name: v, %3$s}
        """
            .formatted(name, NODE, volume, uses, security));
  }

  private static void awaitReady(Cluster cluster, String pod) {
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/" + pod, "--for=condition=Ready", Cluster.PATIENTLY);
  }

  private static String inside(Cluster cluster, String pod, String script) {
    return cluster.kubectl(
        Stream.of("-n", NAMESPACE, "exec", pod, "-c", "main", "--", "sh", "-c", script)
            .toArray(String[]::new));
  }
}
