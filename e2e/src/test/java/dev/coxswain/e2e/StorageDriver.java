package dev.coxswain.e2e;

import dev.coxswain.e2e.csi.DirectoryDriver;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tests' storage driver on one node: a privileged pod, as real drivers are, that runs the
 * node's own Java. The attacher and the provisioner that real drivers bring are the test itself.
 */
record StorageDriver(Cluster cluster, String namespace, String node) {
  static final String NAME = "directories.tests.coxswain";

  /** Starts it and declares what it offers. */
  void start() {
    Path programs = Repository.root().resolve("deploy/target/coxswain/lib");
    Path tests =
        Path.of(
            DirectoryDriver.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    cluster.apply(
        namespace,
        """
        ---
        apiVersion: storage.k8s.io/v1
        kind: CSIDriver
        metadata: {name: %1$s}
        spec: {attachRequired: true, podInfoOnMount: true, fsGroupPolicy: File, volumeLifecycleModes: [Persistent, Ephemeral]}
        ---
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata: {name: %1$s}
        provisioner: %1$s
        allowVolumeExpansion: true
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: driver}
        spec:
          nodeSelector: {kubernetes.io/hostname: %2$s}
          terminationGracePeriodSeconds: 1
          containers:
            - name: driver
              image: coxswain/demo:1
              securityContext: {privileged: true}
              command: [chroot, /host, %3$s/bin/java, -Xmx64m, -XX:+UseSerialGC, -XX:TieredStopAtLevel=1, -cp, "%4$s/*:%5$s", %6$s, %1$s, %2$s, /var/lib/kubelet]
              startupProbe: {grpc: {port: %7$d, service: csi}, periodSeconds: 1, failureThreshold: 300}
              volumeMounts:
                - {name: host, mountPath: /host}
                - {name: kubelet, mountPath: /host/var/lib/kubelet, mountPropagation: Bidirectional}
          volumes:
            - {name: host, hostPath: {path: /}}
            - {name: kubelet, hostPath: {path: /var/lib/kubelet}}
        """
            .formatted(
                NAME,
                node,
                System.getProperty("java.home"),
                programs,
                tests,
                DirectoryDriver.class.getName(),
                DirectoryDriver.HEALTH_PORT));
  }

  void stop() {
    cluster.kubectl("-n", namespace, "delete", "pod", "driver", "--ignore-not-found");
    cluster.kubectl("delete", "csidriver,storageclass", NAME, "--ignore-not-found");
  }

  /** A volume of this driver, for the claim of the same name. */
  void volume(String name, String mode) {
    cluster.apply(
        namespace,
        """
        ---
        apiVersion: v1
        kind: PersistentVolume
        metadata: {name: %1$s}
        spec:
          capacity: {storage: 1Gi}
          accessModes: [ReadWriteOnce]
          volumeMode: %4$s
          persistentVolumeReclaimPolicy: Retain
          storageClassName: %3$s
          claimRef: {namespace: %2$s, name: %1$s}
          csi:
            driver: %3$s
            volumeHandle: handle-of-%1$s
            nodeStageSecretRef: {namespace: %2$s, name: driver-password}
        """
            .formatted(name, namespace, NAME, mode));
  }

  /** A volume of this driver, and a claim for it. */
  void provision(String name, String mode) {
    volume(name, mode);
    cluster.apply(
        namespace,
        """
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: %1$s}
        spec:
          storageClassName: %2$s
          volumeName: %1$s
          volumeMode: %3$s
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
        """
            .formatted(name, NAME, mode));
  }

  /** What an attacher does: says that the volume is attached to the node. */
  void attach(String volume) {
    Cluster.eventually(
        "an attachment of " + volume,
        () -> {
          String name = attachment(volume);
          if (name.isEmpty()) {
            return false;
          }
          ObjectNode attached = (ObjectNode) cluster.json("volumeattachment", name);
          attached
              .putObject("status")
              .put("attached", true)
              .putObject("attachmentMetadata")
              .put("slot", "berth-7");
          String path = "/apis/storage.k8s.io/v1/volumeattachments/" + name + "/status";
          cluster
              .shell()
              .run(
                  Cluster.PATIENCE,
                  List.of("kubectl", "replace", "--raw", path, "-f", "-"),
                  attached.toString())
              .orFail();
          return true;
        });
  }

  /** The attachment of the volume; empty for none. */
  String attachment(String volume) {
    return Cluster.stream(cluster.json("volumeattachments").path("items"))
        .filter(one -> one.at("/spec/source/persistentVolumeName").asString("").equals(volume))
        .map(one -> one.at("/metadata/name").asString(""))
        .findFirst()
        .orElse("");
  }

  /** What a driver's snapshotter and provisioner do: gives one volume what another has now. */
  void copy(String from, String to) {
    cluster.kubectl(
        "-n",
        namespace,
        "exec",
        "driver",
        "--",
        "sh",
        "-c",
        "cd /host/var/lib/kubelet/plugins/"
            + NAME
            + "/volumes && cp -a handle-of-"
            + from
            + " handle-of-"
            + to);
  }

  /** What it was asked of a volume, in order: {@code call handle {what it was told}}. */
  List<String> calls(String handle) {
    return cluster
        .kubectl(
            "-n",
            namespace,
            "exec",
            "driver",
            "--",
            "cat",
            "/host/var/lib/kubelet/plugins/" + NAME + "/calls")
        .lines()
        .filter(line -> line.split(" ", 3)[1].equals(handle))
        .toList();
  }
}
