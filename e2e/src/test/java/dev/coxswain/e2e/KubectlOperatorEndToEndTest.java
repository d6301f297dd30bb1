package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.tls.CertificateRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What operators type to look at a cluster and to keep it, and the commands of kubectl that {@link
 * KubectlEndToEndTest}, {@link KubectlKindsEndToEndTest} and {@link KubectlStreamsEndToEndTest} do
 * not type, with an older and with the newest kubectl.
 */
@ParameterizedClass
@EnumSource(Kubectl.class)
@ExtendWith(SharedCluster.class)
final class KubectlOperatorEndToEndTest {
  private static final String NAMESPACE = "operator-walk";
  private static final Pattern SERVING = Pattern.compile("Starting to serve on (\\S+)");

  private final Kubectl kubectl;
  private Cluster cluster;

  @TempDir private Path folder;

  KubectlOperatorEndToEndTest(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  @BeforeEach
  void begin(Cluster shared) {
    cluster = shared.using(kubectl, Map.of());
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterEach
  void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static String[] words(String command) {
    return Stream.concat(Stream.of("-n", NAMESPACE), Arrays.stream(command.split(" ")))
        .toArray(String[]::new);
  }

  private String type(String command) {
    return cluster.kubectl(words(command));
  }

  /** Of what comes in its own time. */
  private void eventuallySays(String command, String... parts) {
    Cluster.eventually(
        command,
        () -> {
          assertThat(type(command)).contains(parts);
          return true;
        });
  }

  @Test
  void theClusterIsLookedAt() {
    List<String> nodes = cluster.nodes();
    assertThat(type("get nodes -o jsonpath={.items[*].spec.podCIDR}").split(" "))
        .hasSameSizeAs(nodes)
        .allMatch(range -> range.endsWith("/24"));
    assertThat(
            cluster.kubectl(
                "get", "nodes", "-o", "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}"))
        .isEqualTo(String.join("\n", nodes) + "\n");
    assertThat(
            type("get nodes --sort-by=.metadata.name -o custom-columns=NODE:.metadata.name")
                .lines()
                .map(String::strip))
        .containsExactlyElementsOf(Stream.concat(Stream.of("NODE"), nodes.stream()).toList());
    assertThat(
            cluster
                .tryKubectl("get", "nodes", "-l", "node-role.kubernetes.io/control-plane")
                .errors())
        .contains("No resources found");
    assertThat(cluster.tryKubectl("get", "componentstatuses").orFail())
        .containsPattern("scheduler +Healthy +ok")
        .containsPattern("controller-manager +Healthy +ok")
        .containsPattern("etcd-0 +Healthy");
    assertThat(cluster.kubectl("-n", "kube-system", "get", "configmap", "kube-proxy"))
        .contains("kube-proxy");
    for (String leader : List.of("kube-scheduler", "kube-controller-manager")) {
      assertThat(
              cluster.kubectl(
                  "-n",
                  "kube-system",
                  "get",
                  "endpoints",
                  leader,
                  "-o",
                  "jsonpath={.metadata.annotations.control-plane\\.alpha\\.kubernetes\\.io/leader}"))
          .contains("holderIdentity");
    }
    assertThat(cluster.kubectl("get", "--raw=/metrics")).contains("apiserver_request_total{");
    assertThat(cluster.kubectl("get", "--raw=/api/v1/nodes/" + nodes.getFirst() + "/proxy/healthz"))
        .isEqualTo("ok");
    eventuallySays("top nodes", nodes.toArray(String[]::new));
    Path dump = folder.resolve("dump");
    type("cluster-info dump --namespaces=kube-system --output-directory=" + dump);
    assertThat(dump.resolve("nodes.json")).content().contains(nodes);
    assertThat(dump.resolve("kube-system/services.json")).content().contains("kube-dns");
  }

  @Test
  void aPodThatFellIsAskedWhy() {
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: clumsy, labels: {app: clumsy}}
        spec:
          terminationGracePeriodSeconds: 0
          volumes: [{name: past, emptyDir: {}}]
          containers:
            - name: main
              image: coxswain/demo:1
              volumeMounts: [{name: past, mountPath: /past}]
              command: [sh, -c, "if [ ! -e /past/fall ]; then echo last words; touch /past/fall; exit 3; fi; echo up again; while :; do sleep 1; done"]
        """);
    String fallen = "{.status.containerStatuses[*].lastState.terminated.reason}";
    eventuallySays("get pod clumsy -o jsonpath=" + fallen, "Error");
    eventuallySays("logs -l app=clumsy --tail=30", "up again");
    assertThat(type("logs clumsy --previous")).isEqualTo("last words\n");
    assertThat(type("logs clumsy --tail=50")).isEqualTo("up again\n");
    eventuallySays("describe pod clumsy", "Last State:", "Exit Code:    3", "Restart Count:  1");
    eventuallySays("get events --field-selector reason=Scheduled -A", "pod/clumsy");
    eventuallySays("get events --sort-by=.lastTimestamp", "Started container main");
    eventuallySays("top pod clumsy --containers", "main");
    assertThat(
            type("delete pod -l app=clumsy --field-selector status.phase=Running --grace-period=0"))
        .contains("pod \"clumsy\" deleted");
  }

  @Test
  void aNodeIsDrainedAndTakesPodsAgain() {
    String node = cluster.nodes().getLast();
    cluster.apply(
        NAMESPACE,
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: crew}
        spec:
          replicas: 2
          selector: {matchLabels: {app: crew}}
          template:
            metadata: {labels: {app: crew}}
            spec:
              nodeSelector: {kubernetes.io/hostname: %1$s}
              terminationGracePeriodSeconds: 0
              volumes: [{name: luggage, emptyDir: {}}]
              containers: [{name: main, image: "coxswain/demo:1", volumeMounts: [{name: luggage, mountPath: /luggage}]}]
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: ballast}
        spec:
          selector: {matchLabels: {app: ballast}}
          template:
            metadata: {labels: {app: ballast}}
            spec:
              nodeSelector: {kubernetes.io/hostname: %1$s}
              terminationGracePeriodSeconds: 0
              containers: [{name: main, image: "coxswain/demo:1"}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: stowaway}
        spec:
          nodeSelector: {kubernetes.io/hostname: %1$s}
          terminationGracePeriodSeconds: 0
          containers: [{name: main, image: "coxswain/demo:1"}]
        """
            .formatted(node));
    type("rollout status deployment/crew " + Cluster.PATIENTLY);
    type("rollout status daemonset/ballast " + Cluster.PATIENTLY);
    type("wait --for=condition=Ready pod/stowaway " + Cluster.PATIENTLY);
    try {
      Shell.Outcome refused = cluster.tryKubectl(words("drain " + node + " --timeout=5s"));
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.errors())
          .contains("--ignore-daemonsets", "--force", "--delete-emptydir-data");
      assertThat(
              type(
                  "drain "
                      + node
                      + " --delete-emptydir-data --force --ignore-daemonsets "
                      + Cluster.PATIENTLY))
          .contains("pod/stowaway evicted", "pod/crew-", "node/" + node + " drained");
      assertThat(type("get node " + node)).contains("SchedulingDisabled");
      assertThat(type("get pods -l app=ballast")).contains("Running");
      Cluster.eventually(
          "the others wait",
          () ->
              type("get pods -l app=crew --field-selector status.phase=Pending -o name")
                      .lines()
                      .count()
                  == 2);
      eventuallySays(
          "get events --field-selector reason=FailedScheduling", "node(s) were unschedulable");
    } finally {
      cluster.kubectl("uncordon", node);
    }
    type("rollout status deployment/crew " + Cluster.PATIENTLY);
  }

  @Test
  void aDeploymentIsSetHeldAndTakenBack() {
    type("create deployment web --image=coxswain/demo:1 --replicas=0");
    type("expose deployment web --port=80");
    type("create serviceaccount robot");
    type("create role reader --verb=get --resource=pods");
    type("create rolebinding readers --role=reader --serviceaccount=" + NAMESPACE + ":default");
    // Two changes that the controller sees as one would be one revision.
    eventuallySays("rollout history deployment/web", "\n1");
    assertThat(type("set resources deployment web --requests=cpu=10m,memory=16Mi"))
        .contains("resource requirements updated");
    eventuallySays("rollout history deployment/web", "\n2");
    assertThat(type("set serviceaccount deployment web robot")).contains("serviceaccount updated");
    eventuallySays("rollout history deployment/web", "\n3");
    assertThat(type("set selector service web version=green")).contains("selector updated");
    assertThat(cluster.kubectl("-n", NAMESPACE, "patch", "svc", "web", "-p", SELECTOR))
        .contains("service/web patched");
    assertThat(type("get svc web -o jsonpath={.spec.selector.version}")).isEqualTo("blue");
    assertThat(type("set subject rolebinding readers --serviceaccount=" + NAMESPACE + ":robot"))
        .contains("subjects updated");
    assertThat(type("rollout pause deployment/web")).contains("paused");
    type("set image deployment/web demo=coxswain/demo:2");
    Cluster.eventually(
        "the controller has seen it",
        () -> {
          assertThat(
                  type(
                      "get deployment web -o"
                          + " jsonpath={.status.observedGeneration}={.metadata.generation}"))
              .matches("(\\d+)=\\1");
          return true;
        });
    assertThat(type("rollout history deployment/web")).doesNotContain("\n4");
    assertThat(cluster.tryKubectl(words("rollout undo deployment/web")).errors())
        .contains("cannot rollback a paused deployment");
    assertThat(type("rollout resume deployment/web")).contains("resumed");
    eventuallySays("rollout history deployment/web", "\n4");
    assertThat(type("rollout history deployment/web --revision=4")).contains("coxswain/demo:2");
    assertThat(type("rollout undo deployment/web --to-revision=2")).contains("rolled back");
    assertThat(type("get deployment web -o jsonpath={.spec.template.spec.serviceAccountName}"))
        .isEmpty();
    type("delete svc web");
    type("wait --for=delete svc/web " + Cluster.PATIENTLY);
  }

  private static final String SELECTOR = "{\"spec\":{\"selector\":{\"version\":\"blue\"}}}";

  @Test
  void permissionsAreReconciled() throws IOException {
    Path file = folder.resolve("permissions.yaml");
    String reconcile = "auth reconcile -f " + file;
    Files.writeString(file, permit("get", "ada"));
    assertThat(told(reconcile + " --dry-run=client"))
        .contains("role.rbac.authorization.k8s.io/reader reconciled");
    assertThat(type("get roles,rolebindings -o name")).doesNotContain("reader");
    assertThat(told(reconcile))
        .contains(
            "role.rbac.authorization.k8s.io/reader reconciled",
            "rolebinding.rbac.authorization.k8s.io/readers reconciled",
            "reconciliation required create");
    eventuallySays("auth can-i get pods --as=ada", "yes");

    Files.writeString(file, permit("list", "grace"));
    assertThat(told(reconcile + " --dry-run=client")).contains("missing rules added");
    assertThat(permitted()).isEqualTo("get ada");
    told(reconcile);
    assertThat(permitted()).isEqualTo("get list ada grace");
    eventuallySays("auth can-i get pods --as=grace", "yes");
    assertThat(told(reconcile + " --remove-extra-permissions")).contains("extra rules removed");
    assertThat(permitted()).isEqualTo("list ada grace");
    told(reconcile + " --remove-extra-subjects");
    assertThat(permitted()).isEqualTo("list grace");
    assertThat(told(reconcile)).doesNotContain("reconciliation required");
  }

  /** What it says of what it does is on the error output. */
  private String told(String command) {
    Shell.Outcome outcome = cluster.tryKubectl(words(command));
    return outcome.orFail() + outcome.errors();
  }

  /** Kubectl looks for them where they say that they are, and not in the namespace it is told. */
  private static String permit(String verb, String user) {
    return """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: %1$s}
    rules:
    - {apiGroups: [""], resources: [pods], verbs: [%2$s]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: readers, namespace: %1$s}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %3$s}]
    """
        .formatted(NAMESPACE, verb, user);
  }

  /** The verbs of the role and the subjects of its binding. */
  private String permitted() {
    return type("get role reader -o jsonpath={.rules[*].verbs[*]}")
        + " "
        + type("get rolebinding readers -o jsonpath={.subjects[*].name}");
  }

  @Test
  void certificatesAreApprovedAndDenied() {
    for (String name : List.of("walk-yes", "walk-no")) {
      String request =
          Base64.getEncoder()
              .encodeToString(
                  CertificateRequest.of("CN=" + name, List.of(), List.of())
                      .pem()
                      .getBytes(StandardCharsets.US_ASCII));
      cluster.apply(
          NAMESPACE,
          """
          apiVersion: certificates.k8s.io/v1
          kind: CertificateSigningRequest
          metadata: {name: %s}
          spec:
            request: %s
            signerName: kubernetes.io/kube-apiserver-client
            usages: [client auth]
          """
              .formatted(name, request));
    }
    try {
      assertThat(type("get csr walk-yes")).containsPattern("kubernetes-admin .*Pending");
      assertThat(type("certificate approve walk-yes")).contains("approved");
      assertThat(type("certificate deny walk-no")).contains("denied");
      eventuallySays("get csr walk-yes", "Approved,Issued");
      assertThat(type("get csr walk-no")).contains("Denied");
      assertThat(
              new String(
                  Base64.getDecoder()
                      .decode(type("get csr walk-yes -o jsonpath={.status.certificate}")),
                  StandardCharsets.US_ASCII))
          .startsWith("-----BEGIN CERTIFICATE-----");
    } finally {
      cluster.tryKubectl("delete", "csr", "walk-yes", "walk-no");
    }
  }

  @Test
  void aProxyServesAndAWatchGoesOn() throws Exception {
    Path served = folder.resolve("proxy");
    Path watched = folder.resolve("watch");
    Process proxy = start(served, "proxy", "--port=0");
    Process watch = start(watched, "get", "configmaps", "-w", "--output-watch-events");
    try {
      Cluster.eventually("the proxy serves", () -> SERVING.matcher(text(served)).find());
      Matcher address = SERVING.matcher(text(served));
      assertThat(address.find()).isTrue();
      // Kubectl takes the offer of HTTP/2, which this client makes by default, for an upgrade.
      try (HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://" + address.group(1) + "/api/v1/namespaces/" + NAMESPACE))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"phase\":\"Active\"");
      }
      type("create configmap seen --from-literal=a=b");
      Cluster.eventually("it is seen", () -> text(watched).matches("(?s).*ADDED +seen +1 .*"));
      type("delete configmap seen");
      Cluster.eventually(
          "its end is seen", () -> text(watched).matches("(?s).*DELETED +seen +1 .*"));
    } finally {
      proxy.destroyForcibly().waitFor();
      watch.destroyForcibly().waitFor();
    }
  }

  private Process start(Path out, String... command) throws IOException {
    Path nothing = Files.createFile(folder.resolve(out.getFileName() + "-in"));
    List<String> words = Stream.concat(Stream.of("-n", NAMESPACE), Arrays.stream(command)).toList();
    return cluster
        .shell()
        .start(
            cluster.kubectlCommand(words.toArray(String[]::new)),
            nothing,
            out,
            folder.resolve(out.getFileName() + "-errors"));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  @Test
  void aFolderIsCustomizedAndAPluginFound() throws IOException {
    Files.writeString(
        folder.resolve("base.yaml"),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {a: b}}\n");
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        namePrefix: my-
        resources: [base.yaml]
        configMapGenerator: [{name: made, literals: [c=d]}]
        """);
    assertThat(type("kustomize " + folder)).contains("name: my-cm", "name: my-made-");
    assertThat(type("apply -k " + folder)).contains("configmap/my-cm created");
    assertThat(type("diff -k " + folder)).isEmpty();
    assertThat(type("delete -k " + folder)).contains("\"my-cm\" deleted");

    Path plugin = folder.resolve("kubectl-ahoy");
    Files.writeString(
        plugin, "#!/bin/sh\nexec " + kubectl.program() + " get namespace \"$1\" -o name\n");
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    Cluster withPlugin =
        cluster.using(kubectl, Map.of("PATH", folder + ":" + System.getenv("PATH")));
    assertThat(withPlugin.tryKubectl("plugin", "list").output()).contains("kubectl-ahoy");
    assertThat(withPlugin.kubectl("ahoy", NAMESPACE)).isEqualTo("namespace/" + NAMESPACE + "\n");

    assertThat(cluster.kubectl("config", "current-context")).isEqualToIgnoringNewLines("coxswain");
    assertThat(cluster.kubectl("completion", "bash")).contains("kubectl");
    assertThat(cluster.kubectl("__complete", "-n", NAMESPACE, "get", "serviceaccounts", ""))
        .contains("default\n");
    assertThat(cluster.kubectl("options")).contains("--as=");
  }
}
