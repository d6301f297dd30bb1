package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Waits until the cluster works, by asking its API, and gives it the objects that no process makes.
 */
public final class Readiness {
  /**
   * As long as kubeadm waits for a control plane: of three that started at once, at a load of 70 on
   * 4 cores, the first was not ready after 90 s. Of a process that dies meanwhile is told at once.
   */
  private static final Duration API_SERVER_LIMIT = Duration.ofMinutes(4);

  private static final Duration NODES_LIMIT = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(100);

  /** Who waits longer is told again and again what for. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final Home home;
  private final StateFile state;
  private final ClusterApi api;
  private final Time time;
  private final Progress progress;

  public Readiness(Home home, StateFile state, ClusterApi api, Time time, Progress progress) {
    this.home = home;
    this.state = state;
    this.api = api;
    this.time = time;
    this.progress = progress;
  }

  public void await() {
    ClusterSpec spec = state.current().spec();
    for (String server : spec.apiServers()) {
      await(
          API_SERVER_LIMIT,
          "the API server at " + server + " is not ready",
          () -> api.get(server, "/readyz").filter(answer -> answer.status() == 200).isPresent());
    }
    progress.step("API server ready");
    ensure("/api/v1/namespaces/kube-system/services", "kube-dns", dnsService());
    ensure("/api/v1/namespaces/kube-system/configmaps", "kube-proxy", proxyConfiguration());
    await(
        NODES_LIMIT,
        "not every node is Ready",
        () ->
            readyNodes()
                .containsAll(spec.nodeMachines().stream().map(ClusterSpec.Node::name).toList()));
    progress.step("nodes ready: " + spec.nodes());
    // What a bare pod needs on its first try: without its account it is refused.
    for (String needed : List.of("serviceaccounts/default", "configmaps/kube-root-ca.crt")) {
      await(
          NODES_LIMIT,
          "the controllers have not made " + needed + " in the namespace default",
          () -> exists("/api/v1/namespaces/default/" + needed));
    }
    awaitHealth();
    progress.step("ready for pods");
  }

  /** Above all the proxies: before theirs is well, a node's pods find no Service. */
  private void awaitHealth() {
    for (ClusterState.ManagedProcess process : state.current().processes()) {
      await(
          NODES_LIMIT,
          process.name() + " is not well",
          () -> Health.healthy(state.current(), process));
    }
  }

  private boolean exists(String path) {
    return api.get(path).filter(answer -> answer.status() == 200).isPresent();
  }

  /** The names of the nodes whose condition Ready is True. */
  private List<String> readyNodes() {
    var ready = new ArrayList<String>();
    Optional<ClusterApi.Answer> answer = api.get("/api/v1/nodes");
    if (answer.isPresent() && answer.get().status() == 200) {
      for (JsonNode node : answer.get().json().path("items")) {
        for (JsonNode condition : node.path("status").path("conditions")) {
          if (condition.path("type").asString("").equals("Ready")
              && condition.path("status").asString("").equals("True")) {
            ready.add(node.path("metadata").path("name").asString(""));
          }
        }
      }
    }
    return ready;
  }

  /**
   * Creates the object unless it exists; the namespace may appear only a moment after the API does.
   */
  private void ensure(String collection, String name, String body) {
    await(
        API_SERVER_LIMIT,
        "cannot create " + name + " under " + collection,
        () ->
            exists(collection + "/" + name)
                || api.post(collection, body).filter(answer -> answer.status() == 201).isPresent());
  }

  /** No pods stand behind it: each node's proxy answers at its address. */
  private static String dnsService() {
    return """
    {"apiVersion": "v1", "kind": "Service",
     "metadata": {"name": "kube-dns", "namespace": "kube-system",
       "labels": {"k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS",
         "kubernetes.io/cluster-service": "true"}},
     "spec": {"clusterIP": "%s", "ports": [
       {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 53},
       {"name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": 53}]}}
    """
        .formatted(ClusterSpec.DNS_ADDRESS);
  }

  /**
   * Where people and their tools look for how Services are made. It says what {@link
   * DaemonArguments} gives every proxy, and that it is not read.
   */
  private static String proxyConfiguration() {
    String configuration =
        """
        # What cox starts the proxy of every node with, as flags. Nobody reads this: a change here changes nothing.
        apiVersion: kubeproxy.config.k8s.io/v1alpha1
        kind: KubeProxyConfiguration
        mode: iptables
        clusterCIDR: %s
        healthzBindAddress: 127.0.0.1:%d
        metricsBindAddress: 127.0.0.1:10249
        """
            .formatted(ClusterSpec.POD_CIDR, Health.PROXY_PORT);
    ObjectNode map = JsonNodeFactory.instance.objectNode();
    map.put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata")
        .put("name", "kube-proxy")
        .put("namespace", "kube-system")
        .putObject("labels")
        .put("app", "kube-proxy");
    map.putObject("data").put("config.conf", configuration);
    return map.toString();
  }

  private void await(
      Duration limit, String complaint, java.util.function.BooleanSupplier condition) {
    long deadline = time.nanos() + limit.toNanos();
    long silence = time.nanos() + SILENCE.toNanos();
    while (!condition.getAsBoolean()) {
      List<String> dead = dead();
      if (!dead.isEmpty()) {
        throw new CoxException(
            complaint
                + ", because "
                + String.join(" and ", dead)
                + " died; see "
                + home.log(dead.getFirst())
                + ", then run cox up again");
      }
      if (time.nanos() - deadline > 0) {
        throw new CoxException(
            complaint
                + " after "
                + limit.toSeconds()
                + " s; look at cox status and the logs in "
                + home.logs());
      }
      if (time.nanos() - silence > 0) {
        progress.step("waiting: " + complaint);
        silence = time.nanos() + SILENCE.toNanos();
      }
      Processes.pause(time, POLL);
    }
  }

  private List<String> dead() {
    return state.current().processes().stream()
        .filter(process -> !process.process().alive())
        .map(ClusterState.ManagedProcess::name)
        .toList();
  }
}
