package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Who there is in a cluster: the names are those that the API server's default roles are bound to.
 */
public final class Identities {
  static final String ADMIN = "admin";
  static final String API_SERVER = "apiserver";
  static final String STORE_CLIENT = "apiserver-etcd-client";
  static final String KUBELET_CLIENT = "apiserver-kubelet-client";
  static final String FRONT_PROXY_CLIENT = "front-proxy-client";
  static final String SCHEDULER = "scheduler";
  static final String CONTROLLERS = "controllers";
  static final String PROXY = "proxy";

  private static final String MASTERS = "system:masters";

  private Identities() {}

  static String storeServer(ClusterSpec.ControlPlane machine) {
    return "etcd/" + machine.name() + "-server";
  }

  static String storePeer(ClusterSpec.ControlPlane machine) {
    return "etcd/" + machine.name() + "-peer";
  }

  static String kubeletClient(ClusterSpec.Node node) {
    return "nodes/" + node.name() + "-client";
  }

  static String kubeletServing(ClusterSpec.Node node) {
    return "nodes/" + node.name() + "-serving";
  }

  /** Everybody's, with what each certificate has to say. */
  public static List<Identity> of(Topology spec) {
    var cluster = Authority.Name.CLUSTER;
    var identities = new ArrayList<Identity>();
    identities.add(Identity.client(ADMIN, cluster, "kubernetes-admin", MASTERS).withRsaKey());
    identities.add(Identity.client(SCHEDULER, cluster, "system:kube-scheduler"));
    identities.add(Identity.client(CONTROLLERS, cluster, "system:kube-controller-manager"));
    identities.add(Identity.client(PROXY, cluster, "system:kube-proxy"));
    identities.add(
        Identity.client(KUBELET_CLIENT, cluster, "kube-apiserver-kubelet-client", MASTERS));
    identities.add(
        Identity.client(FRONT_PROXY_CLIENT, Authority.Name.FRONT_PROXY, "front-proxy-client"));
    identities.add(
        Identity.client(STORE_CLIENT, Authority.Name.STORE, "kube-apiserver-etcd-client"));
    identities.add(apiServer(spec));
    for (ClusterSpec.ControlPlane machine : spec.controlPlaneMachines()) {
      var names = List.of("localhost", machine.name());
      var addresses = List.of("127.0.0.1", machine.address());
      identities.add(
          Identity.client(storeServer(machine), Authority.Name.STORE, machine.name())
              .serving(names, addresses));
      identities.add(
          Identity.client(storePeer(machine), Authority.Name.STORE, machine.name())
              .serving(names, addresses));
    }
    for (ClusterSpec.Node node : spec.nodeMachines()) {
      String user = "system:node:" + node.name();
      identities.add(Identity.client(kubeletClient(node), cluster, user, "system:nodes"));
      identities.add(
          Identity.client(kubeletServing(node), cluster, user, "system:nodes")
              .serving(List.of(node.name(), "localhost"), List.of(node.address(), "127.0.0.1"))
              .serverOnly());
    }
    return identities;
  }

  private static Identity apiServer(Topology spec) {
    List<ClusterSpec.ControlPlane> machines = spec.controlPlaneMachines();
    return Identity.client(API_SERVER, Authority.Name.CLUSTER, "kube-apiserver")
        .serving(
            Stream.concat(
                    Stream.of(
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc." + ClusterSpec.DOMAIN,
                        "localhost"),
                    Stream.concat(
                        machines.stream().map(ClusterSpec.ControlPlane::name),
                        spec.furtherNames().stream().filter(name -> !isAddress(name))))
                .distinct()
                .toList(),
            Stream.concat(
                    Stream.of(ClusterSpec.KUBERNETES_ADDRESS, "127.0.0.1"),
                    Stream.concat(
                        machines.stream().map(ClusterSpec.ControlPlane::address),
                        spec.furtherNames().stream().filter(Identities::isAddress)))
                .distinct()
                .toList())
        .serverOnly();
  }

  private static boolean isAddress(String name) {
    return name.matches("[0-9.]+");
  }
}
