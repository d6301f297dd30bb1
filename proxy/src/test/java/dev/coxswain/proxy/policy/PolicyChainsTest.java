package dev.coxswain.proxy.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.json.Json;
import dev.coxswain.proxy.iptables.IptablesWriter;
import dev.coxswain.proxy.iptables.RuleBook;
import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.ProcessKernel;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Policies in, and which connections come through. The pods a, b and c of x, and d of y. */
final class PolicyChainsTest {
  private static final String A = "10.244.1.1";
  private static final String B = "10.244.1.2";
  private static final String C = "10.244.2.3";
  private static final String D = "10.244.2.4";
  private static final String OUTSIDE = "192.0.2.7";

  private static final String HOLES =
      """
      {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["192.0.2.0/24", "10.0.0.0/8"]}},
        {"podSelector": {"matchLabels": {"name": "c"}}},
        {"ipBlock": {"cidr": "2001:db8::/32"}}]}]}
      """;

  private static final String PORTS =
      """
      {"podSelector": {"matchLabels": {"name": "a"}}, "ingress": [
        {"ports": [{"port": "web"}, {"port": 100, "endPort": 110}, {"protocol": "UDP"}]}]}
      """;

  private static final String NAMED =
      """
      {"podSelector": {"matchLabels": {"name": "a"}}, "policyTypes": ["Egress"],
       "egress": [{"to": [{"podSelector": {}}], "ports": [{"port": "web"}]}]}
      """;

  private final List<NetworkPolicy> policies = new ArrayList<>();
  private final List<Pod> pods =
      new ArrayList<>(
          List.of(
              pod("x", "a", "n1", A, 8080),
              pod("x", "b", "n1", B, 8080),
              pod("x", "c", "n2", C, 9090),
              pod("y", "d", "n2", D, 9090)));
  private final List<Namespace> namespaces = List.of(namespace("x"), namespace("y"));

  @Test
  void withoutPolicyEverythingPasses() {
    assertThat(chains()).containsOnlyKeys("KUBE-NETWORK-POLICY");
    assertThat(tcp(C, A, 80)).isTrue();
  }

  @Test
  void anEmptyPolicyIsolatesThePodsOfItsNamespace() {
    policy("{\"podSelector\": {}, \"policyTypes\": [\"Ingress\", \"Egress\"]}");
    assertThat(tcp(C, A, 80)).isFalse();
    assertThat(tcp(A, C, 80)).isFalse();
    assertThat(tcp(OUTSIDE, A, 80)).isFalse();
    // To itself always; and whom another node has is that node's business.
    assertThat(tcp(A, A, 80)).isTrue();
    assertThat(tcp(D, C, 80)).isTrue();
  }

  @Test
  void whereThereArePoliciesAPodWaitsUntilItIsKnown() {
    String unknown = "10.244.1.77";
    assertThat(tcp(unknown, C, 80)).isTrue();
    policy("{\"podSelector\": {\"matchLabels\": {\"name\": \"a\"}}}");
    assertThat(tcp(C, unknown, 80)).isFalse();
    assertThat(tcp(unknown, C, 80)).as("no policy is about egress").isTrue();
    policy(
        "{\"podSelector\": {\"matchLabels\": {\"name\": \"a\"}}, \"policyTypes\": [\"Egress\"]}");
    assertThat(tcp(unknown, C, 80)).isFalse();
    assertThat(tcp(B, C, 80)).as("whom no policy selects").isTrue();
    assertThat(tcp(C, B, 80)).isTrue();
    assertThat(tcp("10.244.2.77", D, 80)).as("another node's pods").isTrue();
  }

  @Test
  void peersAreChosenByTheirLabelsAndThoseOfTheirNamespace() {
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "a"}}, "ingress": [{"from": [
          {"podSelector": {"matchLabels": {"name": "b"}}},
          {"namespaceSelector": {"matchLabels": {"ns": "y"}}}]}]}
        """);
    assertThat(tcp(B, A, 80)).isTrue();
    assertThat(tcp(D, A, 80)).isTrue();
    assertThat(tcp(C, A, 80)).isFalse();
    assertThat(tcp(A, C, 80)).isTrue();
    assertThat(tcp(C, B, 80)).isTrue();
  }

  @Test
  void bothSelectorsOfAPeerMustMatch() {
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "a"}}, "ingress": [{"from": [
          {"namespaceSelector": {"matchExpressions":
              [{"key": "ns", "operator": "In", "values": ["y"]}]},
           "podSelector": {"matchLabels": {"name": "c"}}}]}]}
        """);
    assertThat(tcp(C, A, 80)).isFalse();
    assertThat(tcp(D, A, 80)).isFalse();
  }

  @Test
  void portsAreNumbersRangesAndNames() {
    policy(PORTS);
    assertThat(tcp(C, A, 8080)).isTrue();
    assertThat(tcp(C, A, 105)).isTrue();
    assertThat(tcp(C, A, 111)).isFalse();
    assertThat(tcp(C, A, 9090)).isFalse();
    assertThat(packets().pass(C, A, "udp", 53)).isTrue();
    assertThat(packets().pass(C, A, "sctp", 105)).isFalse();
  }

  @Test
  void aNamedPortOfEgressIsThatOfThePeer() {
    policy(NAMED);
    assertThat(tcp(A, B, 8080)).isTrue();
    assertThat(tcp(A, C, 9090)).isTrue();
    assertThat(tcp(A, C, 8080)).isFalse();
    assertThat(tcp(A, D, 9090)).isFalse();
    assertThat(tcp(C, A, 1)).isTrue();
  }

  @Test
  void aSidecarNamesPortsAsContainersDo() {
    String address = "10.244.1.5";
    pods.add(
        new PodBuilder(pod("x", "e", "n1", address, 8080))
            .editSpec()
            .addNewInitContainer()
            .withName("proxy")
            .withRestartPolicy("Always")
            .addNewPort()
            .withName("admin")
            .withContainerPort(9901)
            .endPort()
            .endInitContainer()
            .addNewInitContainer()
            .withName("once")
            .addNewPort()
            .withName("admin")
            .withContainerPort(9902)
            .endPort()
            .endInitContainer()
            .endSpec()
            .build());
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "e"}}, "ingress": [{"ports": [{"port": "admin"}]}]}
        """);
    assertThat(tcp(C, address, 9901)).isTrue();
    assertThat(tcp(C, address, 9902)).isFalse();
    assertThat(tcp(C, address, 8080)).isFalse();
  }

  @Test
  void blocksMayHaveHoles() {
    policy(HOLES);
    assertThat(tcp(A, "198.51.100.1", 80)).isTrue();
    assertThat(tcp(A, OUTSIDE, 80)).isFalse();
    // What one peer leaves out another may let in.
    assertThat(tcp(A, C, 80)).isTrue();
  }

  @Test
  void policiesAddUp() {
    policy("{\"podSelector\": {}}");
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "a"}},
         "ingress": [{"from": [{"podSelector": {"matchLabels": {"name": "b"}}}]}]}
        """);
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "a"}}, "ingress": [{"ports": [{"port": 81}]}]}
        """);
    assertThat(tcp(B, A, 80)).isTrue();
    assertThat(tcp(C, A, 81)).isTrue();
    assertThat(tcp(C, A, 80)).isFalse();
    assertThat(tcp(A, B, 81)).isFalse();
  }

  @Test
  void aConnectionBetweenTwoPodsOfThisNodeMustBeAllowedOnBothSides() {
    policy(
        """
        {"podSelector": {"matchLabels": {"name": "b"}}, "ingress": [{}]}
        """);
    policy(
        "{\"podSelector\": {\"matchLabels\": {\"name\": \"a\"}}, \"policyTypes\": [\"Egress\"]}");
    assertThat(tcp(A, B, 80)).isFalse();
    assertThat(tcp(C, B, 80)).isTrue();
  }

  @Test
  void podsOfTheHostAndFinishedOnesAreNoBodysPeers() {
    pods.add(
        new PodBuilder(pod("x", "h", "n1", "10.89.0.1", 1))
            .editSpec()
            .withHostNetwork(true)
            .endSpec()
            .build());
    pods.add(
        new PodBuilder(pod("x", "done", "n1", "10.244.1.9", 1))
            .editStatus()
            .withPhase("Succeeded")
            .endStatus()
            .build());
    policy("{\"podSelector\": {}, \"ingress\": [{\"from\": [{\"podSelector\": {}}]}]}");
    assertThat(tcp("10.244.1.9", A, 80)).isFalse();
    assertThat(tcp(C, "10.89.0.1", 80)).isTrue();
  }

  @Test
  void theKernelTakesThemAndLetsGoOfThem() throws IOException, InterruptedException {
    assertThat(System.getProperty("user.name")).as("needs root").isEqualTo("root");
    String namespace = "cox-policy-" + ProcessHandle.current().pid();
    ProcessKernel host = new ProcessKernel();
    ProcessKernel node = new ProcessKernel(List.of("ip", "netns", "exec", namespace));
    host.require(Command.of("ip", "netns", "add", namespace));
    try {
      policy(HOLES);
      policy(PORTS);
      policy(NAMED);
      var book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
      var writer = new IptablesWriter(node, book);
      book.policies(chains());
      assertThat(writer.write()).isPositive();
      assertThat(filter(node)).contains("-A KUBE-NPP-", "-A KUBE-NPR-", "-A KUBE-NPF-");
      assertThat(
              filter(node)
                  .lines()
                  .filter(line -> line.startsWith("-A FORWARD"))
                  .skip(1)
                  .findFirst())
          .as("after lookups alone")
          .hasValueSatisfying(first -> assertThat(first).endsWith("-j KUBE-NETWORK-POLICY"));
      book.policies(chains());
      assertThat(writer.write()).isZero();
      policies.clear();
      book.policies(chains());
      writer.write();
      assertThat(filter(node)).doesNotContain("KUBE-NPP", "KUBE-NPR", "KUBE-NPF");
    } finally {
      host.run(Command.of("ip", "netns", "del", namespace));
    }
  }

  private static String filter(ProcessKernel node) throws IOException, InterruptedException {
    return node.require(Command.of("iptables-save", "-t", "filter"));
  }

  private Map<String, List<String>> chains() {
    return PolicyChains.of(Scene.of("n1", "10.244.1.0/24", policies, pods, namespaces));
  }

  private Packets packets() {
    return new Packets(chains());
  }

  private boolean tcp(String from, String to, int port) {
    return packets().pass(from, to, "tcp", port);
  }

  private void policy(String spec) {
    policies.add(
        Json.mapper()
            .readValue(
                "{\"metadata\": {\"namespace\": \"x\", \"name\": \"p"
                    + policies.size()
                    + "\"}, \"spec\": "
                    + spec
                    + "}",
                NetworkPolicy.class));
  }

  private static Namespace namespace(String name) {
    return new NamespaceBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("ns", name)
        .endMetadata()
        .build();
  }

  private static Pod pod(String namespace, String name, String node, String address, int port) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .withUid(namespace + name)
        .addToLabels("name", name)
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .addNewContainer()
        .withName("main")
        .addNewPort()
        .withName("web")
        .withContainerPort(port)
        .endPort()
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Running")
        .withPodIP(address)
        .endStatus()
        .build();
  }
}
