package dev.coxswain.proxy.policy;

import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.proxy.iptables.ChainNames;
import dev.coxswain.proxy.policy.Scene.Member;
import dev.coxswain.proxy.service.Ipv4;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The chains of the filter table that hold all policies. A packet of a new connection meets, in
 * this order:
 *
 * <ul>
 *   <li>{@code KUBE-NETWORK-POLICY}: a jump for each isolated pod of this node and direction;
 *   <li>{@code KUBE-NPP-…}, one for each of those: the policies that isolate the pod; what none of
 *       them marked is dropped;
 *   <li>{@code KUBE-NPR-…}, one for each policy and direction: its ports;
 *   <li>{@code KUBE-NPF-…}, one for each rule of it that names peers: their addresses; who is among
 *       them is marked.
 * </ul>
 *
 * <p>So peers and ports add up and do not multiply, and a pod that comes or goes changes the chains
 * of those policies alone that select it.
 */
final class PolicyChains {
  /** Set on packets that a policy allows; beside the bits of kube-proxy (14) and kubelet (15). */
  private static final String MARK = "0x10000";

  private static final String ALLOW = "-j MARK --or-mark " + MARK;
  private static final String FORGET = "-j MARK --and-mark 0xfffeffff";
  private static final String ALLOWED = "-m mark --mark " + MARK + "/" + MARK + " -j RETURN";

  private final Scene scene;
  private final Map<String, List<String>> chains = new LinkedHashMap<>();

  private enum Direction {
    INGRESS("-s", "-d"),
    EGRESS("-d", "-s");

    /** Matches the peer's address. */
    final String peer;

    /** Matches the pod's own address. */
    final String own;

    Direction(String peer, String own) {
      this.peer = peer;
      this.own = own;
    }
  }

  /** A rule of either direction. */
  private record Rule(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {}

  private PolicyChains(Scene scene) {
    this.scene = scene;
  }

  /** The rules of each chain, the main chain first. */
  static Map<String, List<String>> of(Scene scene) {
    var made = new PolicyChains(scene);
    made.build();
    return made.chains;
  }

  private void build() {
    var main = new ArrayList<String>();
    chains.put(ChainNames.NETWORK_POLICY, main);
    for (Direction direction : Direction.values()) {
      Map<Member, List<String>> isolated = isolated(direction);
      isolated.forEach((pod, policies) -> {
        String chain = ChainNames.policyPod(direction + "/" + pod.uid() + "/" + pod.address());
        main.add(
            comment(direction + " of " + pod.namespace() + "/" + pod.name())
                + direction.own
                + " "
                + pod.address()
                + "/32 -j "
                + chain);
        var rules = new ArrayList<String>();
        // A pod always reaches itself.
        rules.add(direction.peer + " " + pod.address() + "/32 -j RETURN");
        rules.add(FORGET);
        policies.forEach(policy -> rules.add("-j " + policy));
        rules.add(ALLOWED);
        rules.add("-j DROP");
        chains.put(chain, rules);
      });
      unknown(direction, main);
    }
    if (!main.isEmpty()) {
      // What was allowed to begin goes on.
      main.addFirst("-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN");
    }
  }

  /**
   * A pod that has just started may speak before its address is known here, and with that who it
   * is: where there are policies, it has to wait.
   */
  private void unknown(Direction direction, List<String> main) {
    boolean needed =
        scene.policies().stream()
            .anyMatch(policy -> policy.getSpec() != null && covers(policy, direction));
    if (!needed || !Ipv4.isRange(scene.range())) {
      return;
    }
    String chain = ChainNames.policyPod(direction + "/unknown");
    chains.put(
        chain,
        Stream.concat(
                scene.pods().stream()
                    .filter(pod -> pod.node().equals(scene.node()))
                    .map(pod -> direction.own + " " + pod.address() + "/32 -j RETURN"),
                Stream.of("-j DROP"))
            .toList());
    main.add(
        comment(direction + " of pods that are not known yet")
            + direction.own
            + " "
            + scene.range()
            + " -j "
            + chain);
  }

  /** The pods of this node that are isolated, each with the chains of the policies that do so. */
  private Map<Member, List<String>> isolated(Direction direction) {
    var isolated =
        new TreeMap<Member, List<String>>(
            java.util.Comparator.comparing(Member::namespace)
                .thenComparing(Member::name)
                .thenComparing(Member::uid));
    List<NetworkPolicy> ordered =
        scene.policies().stream()
            .filter(policy -> policy.getSpec() != null && covers(policy, direction))
            .sorted(java.util.Comparator.comparing(PolicyChains::name))
            .toList();
    for (NetworkPolicy policy : ordered) {
      LabelSelector selector = Scene.selector(policy.getSpec().getPodSelector());
      List<Member> local =
          scene.select(policy.getMetadata().getNamespace(), selector).stream()
              .filter(pod -> pod.node().equals(scene.node()))
              .toList();
      if (!local.isEmpty()) {
        String chain = policy(policy, direction, local);
        local.forEach(pod -> isolated.computeIfAbsent(pod, _ -> new ArrayList<>()).add(chain));
      }
    }
    return isolated;
  }

  private static boolean covers(NetworkPolicy policy, Direction direction) {
    List<String> types = Scene.list(policy.getSpec().getPolicyTypes());
    return switch (direction) {
      case INGRESS -> types.isEmpty() || types.contains("Ingress");
      case EGRESS ->
          types.contains("Egress")
              || (types.isEmpty() && !Scene.list(policy.getSpec().getEgress()).isEmpty());
    };
  }

  private static String name(NetworkPolicy policy) {
    return policy.getMetadata().getNamespace() + "/" + policy.getMetadata().getName();
  }

  private String policy(NetworkPolicy policy, Direction direction, List<Member> local) {
    String identity = direction + "/" + name(policy);
    var rules = new ArrayList<String>();
    int index = 0;
    for (Rule rule : rules(policy, direction)) {
      rule(policy, direction, rule, identity + "/" + index++, local, rules);
    }
    String chain = ChainNames.policyRules(identity);
    chains.put(chain, rules);
    return chain;
  }

  private static List<Rule> rules(NetworkPolicy policy, Direction direction) {
    return switch (direction) {
      case INGRESS ->
          Scene.list(policy.getSpec().getIngress()).stream()
              .map(rule -> new Rule(Scene.list(rule.getFrom()), Scene.list(rule.getPorts())))
              .toList();
      case EGRESS ->
          Scene.list(policy.getSpec().getEgress()).stream()
              .map(rule -> new Rule(Scene.list(rule.getTo()), Scene.list(rule.getPorts())))
              .toList();
    };
  }

  private void rule(
      NetworkPolicy policy,
      Direction direction,
      Rule rule,
      String identity,
      List<Member> local,
      List<String> into) {
    Set<Member> peers = new LinkedHashSet<>();
    String target = ALLOW;
    if (!rule.peers().isEmpty()) {
      String chain = ChainNames.policyPeers(identity);
      target = "-j " + chain;
      var addresses = new ArrayList<String>();
      int index = 0;
      for (NetworkPolicyPeer peer : rule.peers()) {
        if (peer.getIpBlock() != null) {
          block(peer, direction, identity + "/" + index++, addresses);
        } else {
          peers.addAll(pods(policy, peer));
        }
      }
      for (Member pod : peers) {
        addresses.add(direction.peer + " " + pod.address() + "/32 " + ALLOW);
      }
      chains.put(chain, addresses);
    }
    if (rule.ports().isEmpty()) {
      into.add(target);
    }
    // A named port is that of the pod which is connected to.
    List<Member> named =
        switch (direction) {
          case INGRESS -> local;
          case EGRESS -> rule.peers().isEmpty() ? scene.pods() : List.copyOf(peers);
        };
    for (NetworkPolicyPort port : rule.ports()) {
      into.addAll(port(port, named, target));
    }
  }

  private List<Member> pods(NetworkPolicy policy, NetworkPolicyPeer peer) {
    LabelSelector selector = Scene.selector(peer.getPodSelector());
    return peer.getNamespaceSelector() == null
        ? scene.select(policy.getMetadata().getNamespace(), selector)
        : scene.select(Scene.selector(peer.getNamespaceSelector()), selector);
  }

  private void block(
      NetworkPolicyPeer peer, Direction direction, String identity, List<String> into) {
    String range = peer.getIpBlock().getCidr();
    if (!Ipv4.isRange(range)) {
      return;
    }
    List<String> but =
        Scene.list(peer.getIpBlock().getExcept()).stream().filter(Ipv4::isRange).toList();
    if (but.isEmpty()) {
      into.add(direction.peer + " " + range + " " + ALLOW);
      return;
    }
    String chain = ChainNames.policyPeers(identity + "/block");
    chains.put(
        chain,
        Stream.concat(
                but.stream().map(except -> direction.peer + " " + except + " -j RETURN"),
                Stream.of(ALLOW))
            .toList());
    into.add(direction.peer + " " + range + " -j " + chain);
  }

  private static List<String> port(NetworkPolicyPort port, List<Member> named, String target) {
    String protocol = Objects.requireNonNullElse(port.getProtocol(), "TCP");
    String match = "-p " + protocol.toLowerCase(java.util.Locale.ROOT);
    @Nullable IntOrString number = port.getPort();
    if (number == null) {
      return List.of(match + " " + target);
    }
    if (number.getStrVal() == null) {
      int from = number.getIntVal();
      String range = port.getEndPort() == null ? "" : ":" + port.getEndPort();
      return List.of(match + " --dport " + from + range + " " + target);
    }
    return named.stream()
        .flatMap(pod ->
            pod.numbers(number.getStrVal(), protocol).stream()
                .map(own ->
                    "-d " + pod.address() + "/32 " + match + " --dport " + own + " " + target))
        .toList();
  }

  private static String comment(String text) {
    // The kernel keeps 255 characters; names are made of letters, digits, dots and dashes.
    return "-m comment --comment \"" + text.substring(0, Math.min(text.length(), 200)) + "\" ";
  }
}
