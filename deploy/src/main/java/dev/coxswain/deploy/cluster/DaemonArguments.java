package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.Pki;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Each daemon's flags: Kubernetes' names, etcd's for the store. */
public final class DaemonArguments {
  static final String ISSUER = "https://kubernetes.default.svc." + ClusterSpec.DOMAIN;

  /** How long a node's pods may take when it is turned off in order. */
  static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(30);

  private static final String SHARED_DISK_THRESHOLDS =
      "memory.available<100Mi,nodefs.available<1Gi,nodefs.inodesFree<1%,"
          + "imagefs.available<1Gi,imagefs.inodesFree<1%";

  private final Home home;
  private final Topology spec;
  private final Pki pki;

  /** The flags of daemons whose files lie below the home. */
  public DaemonArguments(Home home, Topology spec, Pki pki) {
    this.home = home;
    this.spec = spec;
    this.pki = pki;
  }

  public List<String> store(ClusterSpec.ControlPlane machine) {
    String members =
        spec.controlPlaneMachines().stream()
            .map(member -> member.name() + "=" + member.storePeer())
            .collect(Collectors.joining(","));
    String server = Identities.storeServer(machine);
    String peer = Identities.storePeer(machine);
    Path authority = pki.certificate(Authority.Name.STORE);
    return List.of(
        "--name=" + machine.name(),
        "--data-dir=" + home.machine(machine.name()).resolve("store"),
        "--listen-client-urls=" + machine.storeClient(),
        "--advertise-client-urls=" + machine.storeClient(),
        "--listen-peer-urls=" + machine.storePeer(),
        "--initial-advertise-peer-urls=" + machine.storePeer(),
        "--initial-cluster=" + members,
        "--initial-cluster-state=new",
        "--initial-cluster-token=coxswain-" + spec.id(),
        "--cert-file=" + pki.certificate(server),
        "--key-file=" + pki.key(server),
        "--trusted-ca-file=" + authority,
        "--peer-cert-file=" + pki.certificate(peer),
        "--peer-key-file=" + pki.key(peer),
        "--peer-trusted-ca-file=" + authority,
        "--listen-metrics-urls=http://127.0.0.1:%1$d,https://%2$s:%1$d"
            .formatted(Health.STORE_METRICS_PORT, machine.address()));
  }

  public List<String> apiserver(ClusterSpec.ControlPlane machine) {
    var arguments = new ArrayList<>(apiserverBasics(machine));
    if (Files.exists(home.auditPolicy())) {
      arguments.add("--audit-policy-file=" + home.auditPolicy());
      arguments.add("--audit-log-path=" + home.auditLog(machine.name()));
      arguments.add("--audit-log-maxbackup=10");
    }
    if (Files.exists(home.auditWebhook())) {
      arguments.add("--audit-webhook-config-file=" + home.auditWebhook());
    }
    if (Files.exists(home.authentication())) {
      arguments.add("--authentication-config=" + home.authentication());
    } else {
      arguments.add("--anonymous-auth=true");
    }
    return List.copyOf(arguments);
  }

  private List<String> apiserverBasics(ClusterSpec.ControlPlane machine) {
    return List.of(
        "--bind-address=0.0.0.0",
        "--secure-port=6443",
        "--advertise-address=" + machine.address(),
        "--etcd-servers=" + String.join(",", ownFirst(machine)),
        "--etcd-cafile=" + pki.certificate(Authority.Name.STORE),
        "--etcd-certfile=" + pki.certificate(Identities.STORE_CLIENT),
        "--etcd-keyfile=" + pki.key(Identities.STORE_CLIENT),
        "--tls-cert-file=" + pki.certificate(Identities.API_SERVER),
        "--tls-private-key-file=" + pki.key(Identities.API_SERVER),
        "--client-ca-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--service-account-key-file=" + pki.serviceAccountPublicKey(),
        "--service-account-signing-key-file=" + pki.serviceAccountPrivateKey(),
        "--service-account-issuer=" + ISSUER,
        "--service-cluster-ip-range=" + ClusterSpec.SERVICE_CIDR,
        "--kubelet-client-certificate=" + pki.certificate(Identities.KUBELET_CLIENT),
        "--kubelet-client-key=" + pki.key(Identities.KUBELET_CLIENT),
        "--kubelet-certificate-authority=" + pki.certificate(Authority.Name.CLUSTER),
        "--proxy-client-cert-file=" + pki.certificate(Identities.FRONT_PROXY_CLIENT),
        "--proxy-client-key-file=" + pki.key(Identities.FRONT_PROXY_CLIENT),
        "--requestheader-client-ca-file=" + pki.certificate(Authority.Name.FRONT_PROXY),
        "--requestheader-allowed-names=front-proxy-client",
        "--encryption-provider-config=" + pki.encryption(),
        "--enable-bootstrap-token-auth=true",
        "--authorization-mode=Node,RBAC");
  }

  public List<String> scheduler(ClusterSpec.ControlPlane machine) {
    return List.of(
        "--kubeconfig=" + home.kubeconfig(Identities.SCHEDULER + "-" + machine.name()),
        "--leader-elect=true",
        "--bind-address=0.0.0.0",
        "--client-ca-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--secure-port=" + Health.SCHEDULER_PORT);
  }

  public List<String> controllers(ClusterSpec.ControlPlane machine) {
    return List.of(
        "--kubeconfig=" + home.kubeconfig(Identities.CONTROLLERS + "-" + machine.name()),
        "--leader-elect=true",
        "--bind-address=0.0.0.0",
        "--client-ca-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--secure-port=" + Health.CONTROLLERS_PORT,
        "--cluster-cidr=" + ClusterSpec.POD_CIDR,
        "--service-cluster-ip-range=" + ClusterSpec.SERVICE_CIDR,
        "--root-ca-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--service-account-private-key-file=" + pki.serviceAccountPrivateKey(),
        "--cluster-signing-cert-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--cluster-signing-key-file=" + pki.key(Authority.Name.CLUSTER.file()));
  }

  public List<String> kubelet(ClusterSpec.Node node) {
    var arguments = new ArrayList<>(kubeletBasics(node));
    if (Files.exists(home.kubeletConfiguration())) {
      arguments.add("--config=" + home.kubeletConfiguration());
    }
    if (Files.exists(home.credentialProviders())) {
      arguments.add("--image-credential-provider-config=" + home.credentialProviders());
      arguments.add("--image-credential-provider-bin-dir=" + home.credentialPrograms());
    }
    return List.copyOf(arguments);
  }

  /**
   * For a node that shares its machine's disk with others: how full the disk is by parts is the
   * machine's affair, so that only what is left counts. A configuration file that has thresholds of
   * its own decides.
   */
  public List<String> kubeletOnSharedDisk(ClusterSpec.Node node) {
    var arguments = new ArrayList<>(kubelet(node));
    if (!ownThresholds()) {
      arguments.add("--eviction-hard=" + SHARED_DISK_THRESHOLDS);
    }
    return List.copyOf(arguments);
  }

  /** The daemon's flag would win over its file. */
  private boolean ownThresholds() {
    Path file = home.kubeletConfiguration();
    try {
      return Files.exists(file) && Files.readString(file).contains("evictionHard");
    } catch (IOException unreadable) {
      throw new CoxException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  private List<String> kubeletBasics(ClusterSpec.Node node) {
    String serving = Identities.kubeletServing(node);
    return List.of(
        "--kubeconfig=" + home.kubeconfig("kubelet-" + node.name()),
        "--hostname-override=" + node.name(),
        "--node-ip=" + node.address(),
        "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
        "--root-dir=/var/lib/kubelet",
        "--pod-manifest-path=/var/lib/kubelet/manifests",
        "--cluster-dns=" + ClusterSpec.DNS_ADDRESS,
        "--cluster-domain=" + ClusterSpec.DOMAIN,
        "--pod-cidr=" + node.podCidr(),
        "--tls-cert-file=" + pki.certificate(serving),
        "--tls-private-key-file=" + pki.key(serving),
        "--client-ca-file=" + pki.certificate(Authority.Name.CLUSTER),
        "--address=0.0.0.0",
        "--port=10250",
        "--healthz-port=" + Health.KUBELET_PORT,
        "--rotate-certificates=true",
        "--shutdown-grace-period=" + SHUTDOWN_GRACE.toSeconds() + "s",
        "--shutdown-grace-period-critical-pods=10s",
        "--cgroup-root=/");
  }

  public List<String> proxy(ClusterSpec.Node node) {
    return List.of(
        "--kubeconfig=" + home.kubeconfig(Identities.PROXY + "-" + node.name()),
        "--hostname-override=" + node.name(),
        "--node-ip=" + node.address(),
        "--cluster-cidr=" + ClusterSpec.POD_CIDR,
        "--proxy-mode=iptables",
        "--cluster-dns=" + ClusterSpec.DNS_ADDRESS,
        "--cluster-domain=" + ClusterSpec.DOMAIN,
        "--healthz-bind-address=0.0.0.0:" + Health.PROXY_PORT,
        "--metrics-bind-address=127.0.0.1:10249");
  }

  /** The member next door first: the others are for when it is gone. */
  private List<String> ownFirst(ClusterSpec.ControlPlane machine) {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of(machine.storeClient()),
            spec.storeEndpoints().stream().filter(other -> !other.equals(machine.storeClient())))
        .toList();
  }
}
