package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Images from registries, with and without a password. Both are Debian's docker-registry on
 * node-1's loopback, which containerd speaks to in plain HTTP without being told.
 */
@ExtendWith(SharedCluster.class)
final class RegistryEndToEndTest {
  private static final String NAMESPACE = "registry-walk";
  private static final String OPEN = "localhost:5000";
  private static final String LOCKED = "localhost:5001";

  /** {@code htpasswd -nbB -C 5 sailor anchor}. */
  private static final String PASSWORD =
      "sailor:$2y$05$mkgMrcX9Khnr9Wz.tGsdYu.PxZ9I0xk71Ox8gUweVIjYfP.17mxLq\n";

  @TempDir private static Path folder;

  @BeforeAll
  static void start(Cluster cluster) throws IOException {
    Files.writeString(folder.resolve("passwords"), PASSWORD);
    String common =
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %1$s/%2$s}}
        http: {addr: "%3$s"}
        """;
    Files.writeString(folder.resolve("open.yml"), common.formatted(folder, "open", OPEN));
    Files.writeString(
        folder.resolve("locked.yml"),
        common.formatted(folder, "locked", LOCKED)
            + "auth: {htpasswd: {realm: harbour, path: "
            + folder
            + "/passwords}}\n");
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: registry}
        spec:
          nodeSelector: {kubernetes.io/hostname: node-1}
          hostNetwork: true
          terminationGracePeriodSeconds: 0
          containers:
            - {name: open, image: "coxswain/demo:1", securityContext: {privileged: true}, command: [chroot, /host, docker-registry, serve, %1$s/open.yml], volumeMounts: [{name: host, mountPath: /host}]}
            - {name: locked, image: "coxswain/demo:1", securityContext: {privileged: true}, command: [chroot, /host, docker-registry, serve, %1$s/locked.yml], volumeMounts: [{name: host, mountPath: /host}]}
          volumes:
            - {name: host, hostPath: {path: /}}
        """
            .formatted(folder));
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/registry", "--for=condition=Ready", Cluster.PATIENTLY);
    push(cluster, OPEN + "/shop:1", "");
    push(cluster, LOCKED + "/vault:1", "-u sailor:anchor");
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "create",
        "secret",
        "docker-registry",
        "right",
        "--docker-server=" + LOCKED,
        "--docker-username=sailor",
        "--docker-password=anchor");
    cluster.kubectl(
        "-n",
        NAMESPACE,
        "create",
        "secret",
        "docker-registry",
        "wrong",
        "--docker-server=" + LOCKED,
        "--docker-username=sailor",
        "--docker-password=buoy");
  }

  @AfterAll
  static void stop(Cluster cluster) {
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "--all");
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false");
  }

  @Test
  void anOpenRegistryGivesTagsAndDigests(Cluster cluster) {
    run(cluster, "tagged", OPEN + "/shop:1", "imagePullPolicy: Always", "");
    awaitReady(cluster, "tagged");
    awaitEvents(cluster, "tagged", "Pulling image \"" + OPEN + "/shop:1\"", "Successfully pulled");
    assertThat(events(cluster, "tagged"))
        .containsPattern(
            "Successfully pulled image \""
                + OPEN
                + "/shop:1\" in [0-9.]+m?s"
                + " \\([0-9.]+m?s including waiting\\)\\. Image size: [0-9]+ bytes\\.");
    String id =
        cluster
            .json("-n", NAMESPACE, "pod", "tagged")
            .at("/status/containerStatuses/0/imageID")
            .asString();
    assertThat(id).startsWith(OPEN + "/shop@sha256:");
    run(cluster, "digested", id, "imagePullPolicy: Always", "");
    awaitReady(cluster, "digested");
    awaitEvents(cluster, "digested", "Successfully pulled image \"" + id + "\"");
    run(cluster, "present", OPEN + "/shop:1", "imagePullPolicy: IfNotPresent", "");
    awaitReady(cluster, "present");
    awaitEvents(
        cluster, "present", "Container image \"" + OPEN + "/shop:1\" already present on machine");
  }

  @Test
  void aPasswordComesFromThePodItsAccountOrTheNode(Cluster cluster) {
    String image = LOCKED + "/vault:1";
    run(cluster, "stranger", image, "imagePullPolicy: Always", "");
    awaitWaiting(cluster, "stranger", "ImagePullBackOff");
    awaitEvents(
        cluster,
        "stranger",
        "Failed to pull image \"" + image + "\": ",
        "Error: ErrImagePull",
        "Back-off pulling image \"" + image + "\"",
        "Error: ImagePullBackOff");
    run(cluster, "refused", image, "imagePullPolicy: Always", "imagePullSecrets: [{name: wrong}]");
    awaitWaiting(cluster, "refused", "ImagePullBackOff");
    run(
        cluster,
        "known",
        image,
        "imagePullPolicy: Always",
        "imagePullSecrets: [{name: wrong}, {name: right}]");
    awaitReady(cluster, "known");
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: sailor}
        imagePullSecrets: [{name: right}]
        """);
    run(cluster, "employed", image, "imagePullPolicy: Always", "serviceAccountName: sailor");
    awaitReady(cluster, "employed");
    onNode(
        cluster,
        "echo '{\"auths\":{\""
            + LOCKED
            + "\":{\"auth\":\"c2FpbG9yOmFuY2hvcg==\"}}}'"
            + " > /var/lib/kubelet/config.json");
    try {
      run(cluster, "local", image, "imagePullPolicy: Always", "");
      awaitReady(cluster, "local");
    } finally {
      onNode(cluster, "rm /var/lib/kubelet/config.json");
    }
  }

  @Test
  void aPasswordComesFromAProgramOfTheNode(Cluster cluster) throws IOException {
    push(cluster, LOCKED + "/hold:1", "-u sailor:anchor");
    push(cluster, LOCKED + "/cabin:1", "-u sailor:anchor");
    Path programs = Files.createDirectory(cluster.home().resolve("credential-providers"));
    Path configuration = cluster.home().resolve("credential-providers.yaml");
    String answer =
        """
        echo '{"kind": "CredentialProviderResponse", "apiVersion": "credentialprovider.kubelet.k8s.io/v1",
               "cacheKeyType": "Image", "auth": {"%s": {"username": "sailor", "password": "anchor"}}}'
        """
            .formatted(LOCKED);
    program(programs.resolve("harbour"), "cat >> " + folder + "/asked\n" + answer);
    program(
        programs.resolve("bosun"),
        """
        case $(cat) in
          *'"serviceAccountToken":"ey'*'"harbour.example/role":"mate"'*) ;;
          *) exit 1 ;;
        esac
        """
            + answer);
    Files.writeString(
        configuration,
        """
        apiVersion: kubelet.config.k8s.io/v1
        kind: CredentialProviderConfig
        providers:
          - name: harbour
            apiVersion: credentialprovider.kubelet.k8s.io/v1
            matchImages: ["%1$s/hold"]
            defaultCacheDuration: 1h
          - name: bosun
            apiVersion: credentialprovider.kubelet.k8s.io/v1
            matchImages: ["*:5001/cabin"]
            defaultCacheDuration: 1h
            tokenAttributes:
              serviceAccountTokenAudience: harbour
              cacheType: ServiceAccount
              requireServiceAccount: true
              requiredServiceAccountAnnotationKeys: [harbour.example/role]
        """
            .formatted(LOCKED));
    try {
      cluster.cox("restart", "kubelet-1").orFail();
      String hold = LOCKED + "/hold:1";
      run(cluster, "stowed", hold, "imagePullPolicy: Always", "");
      awaitReady(cluster, "stowed");
      run(cluster, "stowed-too", hold, "imagePullPolicy: Always", "");
      awaitReady(cluster, "stowed-too");
      assertThat(Files.readString(folder.resolve("asked")))
          .as("one request for both")
          .isEqualTo(
              "{\"kind\":\"CredentialProviderRequest\","
                  + "\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\","
                  + "\"image\":\"localhost:5001/hold\"}\n");
      assertThat(cluster.kubectl("get", "--raw", "/api/v1/nodes/node-1/proxy/metrics").lines())
          .contains(
              "kubelet_credential_provider_plugin_duration_count{plugin_name=\"harbour\"} 1",
              "kubelet_credential_provider_plugin_errors_total{plugin_name=\"harbour\"} 0");

      cluster.apply(
          NAMESPACE,
          """
          ---
          apiVersion: v1
          kind: ServiceAccount
          metadata: {name: mate, annotations: {harbour.example/role: mate}}
          ---
          apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRole
          metadata: {name: harbour-tokens}
          rules:
          - {apiGroups: [""], resources: [harbour], verbs: [request-serviceaccounts-token-audience]}
          ---
          apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: harbour-tokens}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: harbour-tokens}
          subjects:
          - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:nodes"}
          """);
      String cabin = LOCKED + "/cabin:1";
      run(cluster, "berthed", cabin, "imagePullPolicy: Always", "serviceAccountName: mate");
      awaitReady(cluster, "berthed");
      run(cluster, "stowaway", cabin, "imagePullPolicy: Always", "");
      awaitWaiting(cluster, "stowaway", "ImagePullBackOff");
    } finally {
      Files.delete(configuration);
      for (String name : new String[] {"harbour", "bosun"}) {
        Files.delete(programs.resolve(name));
      }
      Files.delete(programs);
      cluster.cox("restart", "kubelet-1").orFail();
    }
  }

  @Test
  void whatCannotBePulledSaysWhy(Cluster cluster) {
    run(cluster, "absent", OPEN + "/nothing:1", "imagePullPolicy: Always", "");
    run(cluster, "misnamed", "UPPER/Case:1", "imagePullPolicy: Always", "");
    run(cluster, "unpulled", OPEN + "/never:1", "imagePullPolicy: Never", "");
    awaitWaiting(cluster, "absent", "ImagePullBackOff");
    awaitWaiting(cluster, "misnamed", "InvalidImageName");
    awaitWaiting(cluster, "unpulled", "ErrImageNeverPull");
    awaitEvents(cluster, "misnamed", "Failed to apply default image tag \"UPPER/Case:1\"");
    awaitEvents(cluster, "unpulled", "is not present with pull policy of Never");
  }

  @Test
  void anImageIsAVolume(Cluster cluster) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: shelf}
        spec:
          nodeSelector: {kubernetes.io/hostname: node-1}
          terminationGracePeriodSeconds: 0
          containers:
            - name: main
              image: "coxswain/demo:1"
              command: [sleep, "12345"]
              volumeMounts:
                - {name: book, mountPath: /whole}
                - {name: book, mountPath: /part, subPath: bin}
          volumes:
            - {name: book, image: {reference: "%1$s/shop:1", pullPolicy: Always}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: bare}
        spec:
          nodeSelector: {kubernetes.io/hostname: node-1}
          containers:
            - {name: main, image: "coxswain/demo:1", command: [sleep, "12345"], volumeMounts: [{name: book, mountPath: /whole}]}
          volumes:
            - {name: book, image: {reference: "%1$s/nothing:1"}}
        """
            .formatted(OPEN));
    awaitReady(cluster, "shelf");
    awaitEvents(cluster, "shelf", "Successfully pulled image \"" + OPEN + "/shop:1\"");
    String looked =
        cluster.kubectl(
            "-n",
            NAMESPACE,
            "exec",
            "shelf",
            "--",
            "sh",
            "-c",
            "ls /whole/bin/sh /part/sh; touch /whole/x 2>&1; touch /part/x 2>&1; true");
    assertThat(looked)
        .contains("/whole/bin/sh", "/part/sh")
        .contains("/whole/x: Read-only file system", "/part/x: Read-only file system");
    awaitWaiting(cluster, "bare", "ImagePullBackOff");
    awaitEvents(cluster, "bare", "Back-off pulling image \"" + OPEN + "/nothing:1\"");

    String left =
        "mount | grep '~image' || ctr -n k8s.io snapshots ls | grep coxswain-image-volume";
    onNode(cluster, left);
    cluster.kubectl("-n", NAMESPACE, "delete", "pod", "shelf", "bare", Cluster.PATIENTLY);
    Cluster.eventually(
        "neither mount nor view is left",
        () -> {
          onNode(cluster, "! { " + left + "; }");
          return true;
        });
  }

  private static void program(Path file, String script) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(file, "#!/bin/sh\n" + script);
  }

  private static void push(Cluster cluster, String image, String options) {
    String ctr = "ctr -n k8s.io images ";
    Cluster.eventually(
        "the registry takes " + image,
        () -> {
          onNode(
              cluster,
              ctr
                  + "tag --force docker.io/coxswain/demo:1 "
                  + image
                  + " && "
                  + ctr
                  + "push --plain-http "
                  + options
                  + " "
                  + image);
          return true;
        });
    onNode(cluster, ctr + "rm " + image);
  }

  private static void onNode(Cluster cluster, String script) {
    cluster.kubectl(
        Stream.of(
                "-n",
                NAMESPACE,
                "exec",
                "registry",
                "-c",
                "open",
                "--",
                "chroot",
                "/host",
                "sh",
                "-c",
                script)
            .toArray(String[]::new));
  }

  private static void run(
      Cluster cluster, String name, String image, String policy, String credentials) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %1$s}
        spec:
          nodeSelector: {kubernetes.io/hostname: node-1}
          terminationGracePeriodSeconds: 0
          containers:
            - {name: main, image: "%2$s", %3$s, command: [sleep, "12345"]}
          %4$s
        """
            .formatted(name, image, policy, credentials));
  }

  private static void awaitReady(Cluster cluster, String pod) {
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "pod/" + pod, "--for=condition=Ready", Cluster.PATIENTLY);
  }

  private static void awaitWaiting(Cluster cluster, String pod, String reason) {
    Cluster.eventually(
        pod + " waits for " + reason,
        () -> {
          JsonNode status = cluster.json("-n", NAMESPACE, "pod", pod).path("status");
          return status.at("/containerStatuses/0/state/waiting/reason").asString("").equals(reason);
        });
  }

  /** Events are told beside the status, and may come after it. */
  private static void awaitEvents(Cluster cluster, String pod, String... parts) {
    Cluster.eventually(
        "the events of " + pod,
        () -> {
          assertThat(events(cluster, pod)).contains(parts);
          return true;
        });
  }

  private static String events(Cluster cluster, String pod) {
    StringBuilder messages = new StringBuilder();
    Cluster.stream(
            cluster
                .json("-n", NAMESPACE, "events", "--field-selector=involvedObject.name=" + pod)
                .path("items"))
        .forEach(event -> messages.append(event.path("message").asString()).append('\n'));
    return messages.toString();
  }
}
