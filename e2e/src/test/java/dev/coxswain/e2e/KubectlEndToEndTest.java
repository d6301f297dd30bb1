package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people type every day, and what they read in the answers. */
@ExtendWith(SharedCluster.class)
final class KubectlEndToEndTest {
  private static final String NAMESPACE = "kubectl-walk";

  @BeforeEach
  void begin(Cluster cluster) {
    cluster.kubectl("create", "namespace", NAMESPACE);
    Visitors.awaitServiceAccount(cluster, NAMESPACE);
  }

  @AfterEach
  void leaveNothing(Cluster cluster) {
    cluster.kubectl("delete", "namespace", NAMESPACE, Cluster.PATIENTLY);
  }

  private static String type(Cluster cluster, String command) {
    List<String> words =
        Stream.concat(Stream.of("-n", NAMESPACE), Arrays.stream(command.split(" "))).toList();
    return cluster.kubectl(words.toArray(String[]::new));
  }

  /** Of what comes in its own time: an event, a log's first line, a rule that was just written. */
  private static void eventuallySays(Cluster cluster, String command, String... parts) {
    Cluster.eventually(
        command,
        () -> {
          assertThat(type(cluster, command)).contains(parts);
          return true;
        });
  }

  @Test
  void aDeploymentsLife(Cluster cluster) {
    type(cluster, "create deployment web --image=coxswain/demo:1 --replicas=2 --port=8080");
    type(cluster, "expose deployment web --port=80 --target-port=8080");
    assertThat(type(cluster, "rollout status deployment/web " + Cluster.PATIENTLY))
        .contains("deployment \"web\" successfully rolled out");
    assertThat(type(cluster, "get all"))
        .containsPattern("deployment.apps/web +2/2 +2 +2")
        .containsPattern("service/web +ClusterIP")
        .containsPattern("pod/web-\\S+ +1/1 +Running");
    assertThat(type(cluster, "scale deployment web --replicas=3")).contains("web scaled");
    assertThat(type(cluster, "set env deployment/web A=B")).contains("env updated");
    assertThat(type(cluster, "set env deployment/web --list")).contains("A=B");
    type(cluster, "rollout status deployment/web " + Cluster.PATIENTLY);
    assertThat(type(cluster, "rollout history deployment/web")).contains("REVISION").contains("2");
    assertThat(type(cluster, "rollout undo deployment/web")).contains("rolled back");
    // Two changes that the controller sees as one would be one revision.
    Cluster.eventually(
        "the controller has seen it",
        () ->
            cluster
                .json("-n", NAMESPACE, "deployment", "web")
                .at("/metadata/annotations/deployment.kubernetes.io~1revision")
                .asString("")
                .equals("3"));
    assertThat(type(cluster, "rollout restart deployment/web")).contains("restarted");
    type(cluster, "rollout status deployment/web " + Cluster.PATIENTLY);
    eventuallySays(
        cluster,
        "describe deployment web",
        "3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
        "deployment.kubernetes.io/revision: 4",
        "Scaled up replica set");
    assertThat(type(cluster, "describe service web")).containsPattern("Endpoints: +10\\.");
    assertThat(type(cluster, "get deploy web -o jsonpath={.spec.replicas}")).isEqualTo("3");
    assertThat(type(cluster, "autoscale deployment web --min=2 --max=5 --cpu-percent=80"))
        .contains("autoscaled");
    assertThat(type(cluster, "get hpa")).contains("Deployment/web").contains("/80%");
    type(cluster, "label deployment web tier=front");
    assertThat(type(cluster, "get deploy -l tier=front -L tier")).contains("front");
    eventuallySays(cluster, "events", "ScalingReplicaSet");
  }

  @Test
  void aPodIsWatchedEnteredAndCopiedTo(Cluster cluster, @TempDir Path folder) throws IOException {
    type(cluster, "run one --image=coxswain/demo:1 --restart=Never --labels=a=b");
    type(cluster, "wait --for=condition=Ready pod/one " + Cluster.PATIENTLY);
    eventuallySays(cluster, "logs one --tail=5", "serves on port 8080");
    assertThat(type(cluster, "exec one -- hostname")).isEqualToIgnoringNewLines("one");
    Path file = Files.writeString(folder.resolve("note"), "copied");
    type(cluster, "cp " + file + " one:/tmp/note");
    assertThat(type(cluster, "exec one -- cat /tmp/note")).isEqualTo("copied");
    assertThat(type(cluster, "get pods -o wide --show-labels"))
        .contains("NOMINATED NODE")
        .contains("a=b");
    eventuallySays(
        cluster,
        "describe pod one",
        "Successfully assigned " + NAMESPACE + "/one to node-",
        "Started container one");
    type(cluster, "debug one --image=coxswain/demo:1 --profile=general -- true");
    assertThat(type(cluster, "get pod one -o jsonpath={.spec.ephemeralContainers[*].image}"))
        .isEqualTo("coxswain/demo:1");
    assertThat(type(cluster, "annotate pod one note=x")).contains("annotated");
    assertThat(type(cluster, "delete pod one --now")).contains("\"one\" deleted");
  }

  @Test
  void everyGeneratorMakesWhatItSays(Cluster cluster) {
    for (String command :
        List.of(
            "configmap cm --from-literal=a=b",
            "secret generic sec --from-literal=p=q",
            "secret docker-registry reg --docker-server=x --docker-username=u --docker-password=p",
            "serviceaccount robot",
            "role reader --verb=get,list --resource=pods",
            "rolebinding robot --role=reader --serviceaccount=" + NAMESPACE + ":robot",
            "quota q --hard=pods=20",
            "pdb web --selector=app=web --min-available=1",
            "ingress ing --class=nginx --rule=foo.com/bar=web:80,tls=my-cert",
            "service clusterip svc --tcp=80:8080",
            "service externalname ext --external-name=example.com",
            "job one --image=coxswain/demo:1 -- true",
            "cronjob cj --image=coxswain/demo:1 --schedule=@hourly -- true",
            "job manual --from=cronjob/cj",
            "clusterrole walk-only --verb=get --resource=nodes --dry-run=server",
            "priorityclass walk-only --value=1000 --dry-run=server")) {
      assertThat(type(cluster, "create " + command)).as(command).contains("created");
    }
    assertThat(type(cluster, "describe secret sec")).contains("p:  1 bytes");
    Cluster.eventually(
        "the quota is counted",
        () -> type(cluster, "describe quota q").matches("(?s).*pods +\\d+ +20.*"));
    assertThat(type(cluster, "describe ingress ing")).contains("my-cert terminates foo.com");
    assertThat(type(cluster, "wait --for=condition=complete job/one " + Cluster.PATIENTLY))
        .contains("condition met");
    assertThat(type(cluster, "describe cronjob cj")).containsPattern("Schedule: +@hourly");
    String robot = " --as=system:serviceaccount:" + NAMESPACE + ":robot";
    eventuallySays(cluster, "auth can-i get pods" + robot, "yes");
    assertThat(type(cluster, "auth can-i --list" + robot))
        .containsPattern("pods +\\[\\] .*get list");
    assertThat(type(cluster, "create token robot").split("\\.")).hasSize(3);
    assertThat(type(cluster, "auth whoami"))
        .contains("kubernetes-admin")
        .contains("system:masters");
  }

  @Test
  void aFileIsComparedReplacedAndApplied(Cluster cluster, @TempDir Path folder) throws IOException {
    String text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: %s}\n";
    Path file = Files.writeString(folder.resolve("cm.yaml"), text.formatted("b"));
    assertThat(type(cluster, "apply -f " + file)).contains("created");
    Files.writeString(file, text.formatted("c"));
    assertThat(cluster.tryKubectl("-n", NAMESPACE, "diff", "-f", file.toString()).output())
        .contains("-  a: b")
        .contains("+  a: c");
    assertThat(type(cluster, "apply -f " + file)).contains("configured");
    assertThat(type(cluster, "apply view-last-applied cm/cm")).contains("a: c");
    Files.writeString(file, text.formatted("d"));
    String apply = "apply --server-side -f " + file + " --field-manager=";
    assertThat(
            cluster
                .tryKubectl(("-n " + NAMESPACE + " " + apply + "second").split(" ", -1))
                .errors())
        .contains("conflict with \"kubectl-client-side-apply\"")
        .contains(".data.a");
    assertThat(type(cluster, apply + "second --force-conflicts")).contains("serverside-applied");
    assertThat(type(cluster, "replace -f " + file)).contains("replaced");
    assertThat(
            type(cluster, "patch cm cm --type=json -p [{\"op\":\"remove\",\"path\":\"/data/a\"}]"))
        .contains("patched");
    assertThat(type(cluster, "delete -f " + file)).contains("deleted");
  }

  @Test
  void theClusterItself(Cluster cluster) {
    assertThat(cluster.kubectl("cluster-info"))
        .contains("control plane")
        .contains("is running at")
        .contains("CoreDNS")
        .contains("services/kube-dns:dns/proxy");
    assertThat(cluster.kubectl("version", "-o", "json")).contains("v1.34.1+coxswain");
    assertThat(cluster.kubectl("api-resources", "-o", "wide")).contains("deploy ").contains("pods");
    assertThat(cluster.kubectl("api-versions"))
        .contains("apps/v1")
        .contains("networking.k8s.io/v1");
    assertThat(cluster.kubectl("get", "--raw=/healthz?verbose")).contains("[+]ping ok");
    String node = cluster.nodes().getLast();
    assertThat(cluster.kubectl("describe", "node", node))
        .contains("Ready ")
        .contains("Allocated resources:");
    assertThat(cluster.kubectl("taint", "nodes", node, "walk=yes:NoSchedule")).contains("tainted");
    assertThat(cluster.kubectl("taint", "nodes", node, "walk-")).contains("untainted");
    assertThat(cluster.kubectl("cordon", node)).contains("cordoned");
    assertThat(cluster.kubectl("get", "nodes")).contains("Ready,SchedulingDisabled");
    assertThat(cluster.kubectl("uncordon", node)).contains("uncordoned");
    assertThat(cluster.kubectl("explain", "deploy.spec.strategy")).contains("rollingUpdate");
  }
}
