package dev.coxswain.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.ScriptedKernel;
import dev.coxswain.proxy.policy.PolicyFeed;
import dev.coxswain.runtime.client.FakeApi;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.ManualTime;
import dev.coxswain.runtime.time.Randomness;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole proxy but for the kernel and the API server. */
class NodeProxyTest {
  private static final Duration MIN_SYNC = Duration.ofMillis(200);

  private final ManualTime time = new ManualTime();
  private final FakeApi api = new FakeApi(time, Randomness.seeded(1));
  private final ResourceClient<EndpointSlice> slices = api.resource(EndpointSlice.class);
  private boolean flushed;
  private int lookedForServers;
  private final ScriptedKernel kernel = new ScriptedKernel(this::answer);
  private final NodeProxy proxy = proxy(kernel);

  private NodeProxy proxy(ScriptedKernel kernel) {
    return new NodeProxy(
        new ProxySettings(
            "n1",
            "10.244.0.0/16",
            "",
            "10.96.0.10",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "cluster.local",
            () -> {
              lookedForServers++;
              return List.of();
            },
            MIN_SYNC,
            Duration.ofSeconds(30)),
        new NodeProxy.Caches(
            api.informer(Service.class),
            api.informer(EndpointSlice.class),
            api.informer(Node.class),
            new PolicyFeed.Caches(
                api.informer(NetworkPolicy.class),
                api.informer(Pod.class),
                api.informer(Namespace.class))),
        kernel,
        time);
  }

  private CommandResult answer(Command command) {
    boolean canary = command.words().contains("KUBE-PROXY-CANARY");
    return new CommandResult(0, canary && !flushed ? "-A KUBE-PROXY-CANARY -j RETURN\n" : "", "");
  }

  @BeforeEach
  void start() throws IOException, InterruptedException {
    api.seed(Node.class, node("n1", "10.244.1.0/24", "10.89.0.101"));
    api.seed(Node.class, node("n2", "10.244.2.0/24", "10.89.0.102"));
    api.seed(
        Service.class,
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace("shop")
            .withName("web")
            .endMetadata()
            .withNewSpec()
            .withType("ClusterIP")
            .withClusterIP("10.96.0.20")
            .addNewPort()
            .withName("dns")
            .withProtocol("UDP")
            .withPort(53)
            .endPort()
            .endSpec()
            .build());
    slices.create(slice("10.244.1.2", "10.244.2.3"));
    proxy.start();
    await().until(() -> time.waiting() >= 4);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
  }

  @Test
  void theFirstListsBecomeRulesAndRoutes() {
    assertThat(proxy.troubles()).containsExactly("service rules have not been written yet");
    time.advance(Duration.ZERO);
    List<Command> commands = kernel.take();
    assertThat(restores(commands)).hasSize(1);
    assertThat(restores(commands).getFirst())
        .contains("--to-destination 10.244.1.2:53", "--to-destination 10.244.2.3:53");
    assertThat(commands)
        .extracting(Command::toString)
        .contains("ip route replace 10.244.2.0/24 via 10.89.0.102 proto 98");
    assertThat(proxy.troubles()).isEmpty();
  }

  @Test
  void connectionsMayBeHalfClosedForAnHour() {
    assertThat(kernel.take())
        .filteredOn(command -> command.toString().endsWith("/nf_conntrack_tcp_timeout_close_wait"))
        .extracting(Command::input)
        .containsExactly("3600");
  }

  @Test
  void lookupsThatNobodyHereAnswersGoToReadyNodes() {
    settle();
    api.resource(Node.class).updateStatus(node("n2", "10.244.2.0/24", "10.89.0.102", "True"));
    api.deliverAll();
    time.advance(MIN_SYNC);
    assertThat(restores(kernel.take()).getFirst())
        .contains("-j DNAT --to-destination 10.244.2.0:53");
    api.resource(Node.class).updateStatus(node("n2", "10.244.2.0/24", "10.89.0.102", "Unknown"));
    api.deliverAll();
    time.advance(MIN_SYNC);
    assertThat(restores(kernel.take()).getFirst())
        .contains(":KUBE-DNS ")
        .doesNotContain("10.244.2.0:53");
  }

  @Test
  void whereTheKernelSeesNoSocketsNoLookupIsSentAway() throws IOException, InterruptedException {
    ScriptedKernel old =
        new ScriptedKernel(command ->
            command.input().contains("-m socket")
                ? new CommandResult(2, "", "Couldn't load match `socket'")
                : answer(command));
    try (NodeProxy other = proxy(old)) {
      other.start();
      await().until(() -> time.waiting() >= 8);
      time.advance(Duration.ofSeconds(1));
      assertThat(restores(old.take())).isNotEmpty().noneMatch(text -> text.contains("*raw"));
    }
  }

  @Test
  void aBurstOfChangesIsOneWriteOfWhatChangedAndStaleFlowsAreCutAfterIt() {
    settle();
    for (int round = 0; round < 10; round++) {
      slices.update(slice("10.244.1.2", "10.244.2." + (10 + round)));
      api.deliverAll();
    }
    time.advance(MIN_SYNC);
    List<Command> commands = kernel.take();
    assertThat(restores(commands)).hasSize(1);
    assertThat(restores(commands).getFirst())
        .contains("10.244.2.19:53")
        .doesNotContain("KUBE-POSTROUTING", "10.244.2.10:53");
    assertThat(commands.getLast().toString())
        .isEqualTo("conntrack -D -p udp --orig-dst 10.96.0.20 --dport 53 --dst-nat 10.244.2.3");
  }

  @Test
  void whatCouldNotBeWrittenIsWrittenWholeLater() {
    settle();
    kernel.broken(true);
    slices.update(slice("10.244.1.2"));
    api.deliverAll();
    time.advance(MIN_SYNC);
    assertThat(proxy.troubles()).containsExactly("the last 1 writes of service rules failed");
    kernel.broken(false);
    kernel.take();
    time.advance(Duration.ofSeconds(2));
    assertThat(restores(kernel.take()).getFirst())
        .contains("KUBE-POSTROUTING", "10.244.1.2:53")
        .doesNotContain("10.244.2.3:53");
    assertThat(proxy.troubles()).isEmpty();
  }

  @Test
  void rulesAreWrittenThoughNoFlowCanBeCut() {
    kernel.missing("conntrack");
    settle();
    assertThat(proxy.troubles()).isEmpty();
    slices.update(slice("10.244.1.2"));
    api.deliverAll();
    time.advance(MIN_SYNC);
    assertThat(restores(kernel.take())).hasSize(1);
    assertThat(proxy.troubles()).isEmpty();
    kernel.missing("");
    time.advance(Duration.ofSeconds(31));
    assertThat(kernel.take())
        .extracting(Command::toString)
        .contains("conntrack -D -p udp --orig-dst 10.96.0.20 --dport 53 --dst-nat 10.244.2.3");
  }

  @Test
  void flushedRulesAreWrittenAgain() {
    settle();
    time.advance(Duration.ofSeconds(31));
    assertThat(restores(kernel.take())).isEmpty();
    flushed = true;
    time.advance(Duration.ofSeconds(30));
    assertThat(restores(kernel.take())).isNotEmpty();
  }

  @Test
  void allRulesAreWrittenOnceAnHourWhoeverTookOneAway() {
    settle();
    time.advance(Duration.ofMinutes(59));
    assertThat(restores(kernel.take())).isEmpty();
    time.advance(Duration.ofMinutes(2));
    assertThat(restores(kernel.take()))
        .singleElement()
        .asString()
        .contains("-I PREROUTING", "KUBE-POSTROUTING", "10.244.1.2:53");
  }

  @Test
  void nameServersAreLookedForNowAndThen() {
    settle();
    int before = lookedForServers;
    time.advance(Duration.ofSeconds(30));
    assertThat(lookedForServers).isEqualTo(before + 1);
  }

  @Test
  void quietNodesAreLeftAlone() {
    settle();
    time.advance(Duration.ofSeconds(28));
    assertThat(kernel.take()).isEmpty();
  }

  private void settle() {
    time.advance(Duration.ofSeconds(1));
    kernel.take();
  }

  private static List<String> restores(List<Command> commands) {
    return commands.stream()
        .filter(command -> command.words().getFirst().equals("iptables-restore"))
        .map(Command::input)
        .filter(text -> !text.contains("KUBE-DNS-PROBE"))
        .toList();
  }

  private static EndpointSlice slice(String... addresses) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withNamespace("shop")
        .withName("web-1")
        .addToLabels("kubernetes.io/service-name", "web")
        .endMetadata()
        .withAddressType("IPv4")
        .withEndpoints(
            Stream.of(addresses)
                .map(address -> new EndpointBuilder().withAddresses(address).build())
                .toList())
        .addNewPort()
        .withName("dns")
        .withProtocol("UDP")
        .withPort(53)
        .endPort()
        .build();
  }

  private static Node node(String name, String pods, String address) {
    return node(name, pods, address, "Unknown");
  }

  private static Node node(String name, String pods, String address, String ready) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withPodCIDR(pods)
        .endSpec()
        .withNewStatus()
        .addNewAddress(address, "InternalIP")
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready)
        .endCondition()
        .endStatus()
        .build();
  }
}
