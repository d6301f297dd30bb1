package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.Pki;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@code cox status} shows; its fields are those of {@code --output json}. */
public record StatusReport(
    String kubeconfig,
    List<String> apiservers,
    Store store,
    List<ProcessLine> processes,
    List<NodeLine> nodes) {

  public record Store(List<String> endpoints, String cacert, String cert, String key) {}

  /**
   * One process.
   *
   * @param pid 0 when it does not run
   * @param proportionalBytes the same with pages that processes share divided among them: what adds
   *     up to the truth
   * @param leader whether it leads its kind; always false for what has no leader
   * @param since when it started; empty when it does not run
   */
  public record ProcessLine(
      String name,
      String node,
      long pid,
      boolean healthy,
      long residentBytes,
      long proportionalBytes,
      boolean leader,
      String since) {}

  /** One node; pid (its first process) is 0 and criSocket empty when it is off. */
  public record NodeLine(String name, String address, long pid, String criSocket) {}

  public static StatusReport of(Home home, ClusterState state, Pki pki, Optional<ClusterApi> api) {
    ClusterSpec spec = state.spec();
    Map<String, String> holders = new TreeMap<>();
    for (String lease : List.of("kube-scheduler", "kube-controller-manager")) {
      api.flatMap(known -> holder(known, lease)).ifPresent(holder -> holders.put(lease, holder));
    }
    var lines = new ArrayList<ProcessLine>();
    for (ManagedProcess process : state.processes()) {
      lines.add(new ProcessLine(process.name(), process.node(), 0, false, 0, 0, false, ""));
    }
    Parallel.run(
        java.util.stream.IntStream.range(0, lines.size())
            .<Runnable>mapToObj(index ->
                () -> {
                  ProcessLine line = line(state, state.processes().get(index), holders);
                  synchronized (lines) {
                    lines.set(index, line);
                  }
                })
            .toList());
    return new StatusReport(
        home.kubeconfig().toString(),
        spec.apiServers(),
        new Store(
            spec.storeEndpoints(),
            pki.certificate(Authority.Name.STORE).toString(),
            pki.certificate(Identities.STORE_CLIENT).toString(),
            pki.key(Identities.STORE_CLIENT).toString()),
        List.copyOf(lines),
        spec.nodeMachines().stream().map(node -> node(state, node)).toList());
  }

  private static ProcessLine line(
      ClusterState state, ManagedProcess process, Map<String, String> holders) {
    ProcessRef reference = process.process();
    if (!reference.alive()) {
      return new ProcessLine(process.name(), process.node(), 0, false, 0, 0, false, "");
    }
    return new ProcessLine(
        process.name(),
        process.node(),
        reference.pid(),
        Health.healthy(state, process),
        reference.residentBytes(),
        reference.proportionalBytes(),
        leads(state, process, holders),
        Instant.ofEpochSecond(reference.startedAt().getEpochSecond()).toString());
  }

  private static boolean leads(
      ClusterState state, ManagedProcess process, Map<String, String> holders) {
    Optional<Daemon> daemon = Daemon.named(process.program());
    if (daemon.isEmpty()) {
      return false;
    }
    return switch (daemon.get()) {
      case STORE -> state.machine(process.node()).filter(Health::leadsStore).isPresent();
      case SCHEDULER -> holders.getOrDefault("kube-scheduler", "").startsWith(process.node());
      case CONTROLLERS ->
          holders.getOrDefault("kube-controller-manager", "").startsWith(process.node());
      case APISERVER, KUBELET, PROXY -> false;
    };
  }

  /** An elected process names itself by its host and something unique. */
  private static Optional<String> holder(ClusterApi api, String lease) {
    return api.get("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/" + lease)
        .filter(answer -> answer.status() == 200)
        .map(answer -> answer.json().path("spec").path("holderIdentity").asString(""));
  }

  private static NodeLine node(ClusterState state, ClusterSpec.Node node) {
    return state
        .machine(node.name())
        .map(init ->
            new NodeLine(
                node.name(), node.address(), init.pid(), Containerd.socket(init).toString()))
        .orElse(new NodeLine(node.name(), node.address(), 0, ""));
  }
}
