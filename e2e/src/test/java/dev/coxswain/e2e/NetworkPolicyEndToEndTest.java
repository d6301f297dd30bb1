package dev.coxswain.e2e;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Who reaches whom, between nodes: a server with two ports on the last node, a client on each of
 * the others, of which one is a friend.
 */
@ExtendWith(SharedCluster.class)
final class NetworkPolicyEndToEndTest {
  private static final String NAMESPACE = "policies";
  private static final String OTHER = "policies-others";
  private static final int WEB = 8081;
  private static final int ADMIN = 8082;

  private static Cluster cluster;
  private static String server;
  private static String friend;
  private static String stranger;

  @BeforeAll
  static void begin(Cluster shared) {
    cluster = shared;
    List<String> nodes = cluster.nodes();
    for (String namespace : List.of(NAMESPACE, OTHER)) {
      cluster.kubectl("create", "namespace", namespace);
      Visitors.create(cluster, namespace);
    }
    friend = "visitor-" + nodes.get(0);
    stranger = "visitor-" + nodes.get(1);
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: server, labels: {app: server}}
        spec:
          nodeSelector: {kubernetes.io/hostname: %s}
          terminationGracePeriodSeconds: 0
          containers:
            - name: web
              image: coxswain/demo:1
              env: [{name: PORT, value: "8081"}]
              ports: [{name: web, containerPort: 8081}]
              readinessProbe: {httpGet: {path: /readyz, port: 8081}, periodSeconds: 1}
            - name: admin
              image: coxswain/demo:1
              env: [{name: PORT, value: "8082"}]
              ports: [{name: admin, containerPort: 8082}]
        """
            .formatted(nodes.getLast()));
    cluster.kubectl("-n", NAMESPACE, "label", "pod", friend, "friend=yes");
    cluster.kubectl("label", "namespace", OTHER, "team=others");
    Visitors.awaitReady(cluster, NAMESPACE);
    Visitors.awaitReady(cluster, OTHER);
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/server", Cluster.PATIENTLY);
    server =
        cluster.kubectl("-n", NAMESPACE, "get", "pod", "server", "-o", "jsonpath={.status.podIP}");
  }

  @AfterAll
  static void leaveNothing() {
    cluster.kubectl("delete", "namespace", NAMESPACE, OTHER, Cluster.PATIENTLY);
  }

  @AfterEach
  void withoutPolicies() {
    cluster.kubectl("-n", NAMESPACE, "delete", "networkpolicies", "--all");
    Cluster.eventually("anybody reaches it", () -> asks(NAMESPACE, stranger, ADMIN, true));
  }

  private static void policy(String name, String spec) {
    cluster.apply(
        NAMESPACE,
        """
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: %s}
        spec: %s
        """
            .formatted(name, spec));
  }

  /** Waits until it is so, and looks once more: a rule that comes late must not pass for one. */
  private static void reaches(String namespace, String pod, int port, boolean wanted) {
    String what = pod + " of " + namespace + " reaches port " + port + ": " + wanted;
    Cluster.eventually(what, () -> asks(namespace, pod, port, wanted) == wanted);
    if (asks(namespace, pod, port, wanted) != wanted) {
      throw new AssertionError("no longer: " + what);
    }
  }

  /** An answer may take its time on a busy machine; for one that must not come nobody waits. */
  private static boolean asks(String namespace, String pod, int port, boolean wanted) {
    return cluster
        .tryKubectl(
            "-n",
            namespace,
            "exec",
            pod,
            "--",
            "timeout",
            wanted ? "30" : "1",
            "wget",
            "-qO-",
            "http://" + server + ":" + port)
        .output()
        .contains("server");
  }

  @Test
  void nobodyReachesAPodThatAllowsNobody() {
    reaches(NAMESPACE, friend, WEB, true);
    policy("closed", "{podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress]}");
    reaches(NAMESPACE, friend, WEB, false);
    reaches(NAMESPACE, stranger, ADMIN, false);
    reaches(OTHER, stranger, WEB, false);
    // Its node still asks how it is.
    cluster.kubectl(
        "-n", NAMESPACE, "wait", "--for=condition=Ready", "pod/server", Cluster.PATIENTLY);
  }

  @Test
  void aFriendReachesAPortByItsName() {
    policy(
        "friends",
        "{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector:"
            + " {matchLabels: {friend: \"yes\"}}}], ports: [{port: web}]}]}");
    reaches(NAMESPACE, stranger, WEB, false);
    reaches(NAMESPACE, friend, WEB, true);
    reaches(NAMESPACE, friend, ADMIN, false);
    reaches(OTHER, friend, WEB, false);
    cluster.kubectl("-n", NAMESPACE, "label", "pod", stranger, "friend=yes");
    reaches(NAMESPACE, stranger, WEB, true);
    cluster.kubectl("-n", NAMESPACE, "label", "pod", stranger, "friend-");
    reaches(NAMESPACE, stranger, WEB, false);
  }

  @Test
  void policiesAddUpAndNamespacesAreChosenByLabel() {
    policy("closed", "{podSelector: {}, policyTypes: [Ingress]}");
    policy(
        "others",
        "{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{namespaceSelector:"
            + " {matchLabels: {team: others}}}], ports: [{port: 8080, endPort: 8081}]}]}");
    reaches(NAMESPACE, friend, WEB, false);
    reaches(OTHER, friend, WEB, true);
    reaches(OTHER, friend, ADMIN, false);
  }

  @Test
  void aPodGoesOnlyWhereItMay() {
    policy(
        "leash",
        ("{podSelector: {matchLabels: {friend: \"yes\"}}, policyTypes: [Egress], egress: [{to:"
                + " [{ipBlock: {cidr: %s/32}}], ports: [{port: 8082}]}]}")
            .formatted(server));
    reaches(NAMESPACE, friend, WEB, false);
    reaches(NAMESPACE, friend, ADMIN, true);
    reaches(NAMESPACE, stranger, WEB, true);
    policy(
        "leash",
        ("{podSelector: {matchLabels: {friend: \"yes\"}}, policyTypes: [Egress], egress: [{to:"
                + " [{ipBlock: {cidr: 0.0.0.0/0, except: [%s/32]}}]}]}")
            .formatted(server));
    reaches(NAMESPACE, friend, ADMIN, false);
  }
}
