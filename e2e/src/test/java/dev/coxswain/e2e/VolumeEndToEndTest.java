package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Volumes that need no storage driver, on real nodes. */
@ExtendWith(SharedCluster.class)
final class VolumeEndToEndTest {
  private static final String NAMESPACE = "volume-walk";
  private static final String NODE = "node-1";

  @BeforeAll
  static void start(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterAll
  static void stop(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "-l", "role=user", "--ignore-not-found");
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
    cluster.kubectl("delete", "pv", "exported", "ashore", "--ignore-not-found");
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
    users(cluster).awaitReady("below");
    assertThat(
            users(cluster).inside("below", "echo x > /data/file; stat -c '%a %u' /data /data/file"))
        .isEqualTo("777 0\n644 1000\n");
    users(cluster).add("grouped", "emptyDir: {}", "securityContext: {runAsUser: 1000}");
    users(cluster).awaitReady("grouped");
    assertThat(
            users(cluster)
                .inside(
                    "grouped",
                    "stat -L -c '%a %u %g' /var/run/secrets/kubernetes.io/serviceaccount/token"))
        .isEqualTo("640 1000 2000\n");
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
    users(cluster)
        .add("walker", VolumeUsers.claim("ashore"), "volumeMounts: [{name: v, mountPath: /data}]");
    users(cluster).awaitReady("walker");
    users(cluster).inside("walker", "echo kept > /data/file");
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "walker");
    assertThat(cluster.onNode(NODE, "sh", "-c", "cd /run/coxswain-ashore; cat file; stat -c %g ."))
        .extracting(Shell.Outcome::output)
        .isEqualTo("kept\n2000\n");
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
    users(cluster)
        .add(
            "own",
            "ephemeral: {volumeClaimTemplate: {metadata: {labels: {kind: own}}, spec:"
                + " {storageClassName: storage-walk, accessModes: [ReadWriteOnce], resources:"
                + " {requests: {storage: 1Gi}}}}}",
            "volumeMounts: [{name: v, mountPath: /data}]");
    users(cluster).awaitReady("own");
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
    users(cluster)
        .add(
            "importer",
            VolumeUsers.claim("exported"),
            "volumeMounts: [{name: v, mountPath: /data}]");
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

  private static VolumeUsers users(Cluster cluster) {
    return new VolumeUsers(cluster, NAMESPACE, NODE);
  }
}
