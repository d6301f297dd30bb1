package dev.coxswain.proxy.iptables;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The chains that are there without any service, and the jumps from the kernel's own chains. */
final class BaseRules {
  /** Upstream's default bit 14: packets that leave with this node's address. */
  private static final String MARK = "0x4000";

  /** Ends nat KUBE-SERVICES: what no service address matched may be a node port. */
  static final String NODE_PORTS_JUMP =
      "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in"
          + " this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS";

  /** The only rule of the canary chain: gone when somebody flushed or removed it. */
  static final String CANARY_RULE =
      "-m comment --comment \"missing when the rules were flushed\" -j RETURN";

  /**
   * A jump from a built-in chain.
   *
   * @param chain the built-in chain
   * @param match what it selects
   * @param target our chain
   */
  record Jump(String chain, String match, String target) {
    String rule() {
      return match + " -j " + target;
    }
  }

  private static final String NEW = "-m conntrack --ctstate NEW -m comment --comment ";
  private static final String COMMENT = "-m comment --comment ";

  private static final List<Jump> RAW_JUMPS =
      List.of(
          new Jump("PREROUTING", COMMENT + "\"kubernetes cluster DNS\"", ChainNames.DNS),
          new Jump("OUTPUT", COMMENT + "\"kubernetes cluster DNS\"", ChainNames.DNS_ANSWERS));

  private static final List<Jump> FILTER_JUMPS =
      List.of(
          new Jump(
              "INPUT", NEW + "\"kubernetes load balancer firewall\"", ChainNames.PROXY_FIREWALL),
          new Jump(
              "INPUT",
              NEW + "\"kubernetes externally-visible service portals\"",
              ChainNames.EXTERNAL_SERVICES),
          new Jump("INPUT", COMMENT + "\"kubernetes localnet guard\"", ChainNames.FIREWALL),
          new Jump(
              "OUTPUT", NEW + "\"kubernetes load balancer firewall\"", ChainNames.PROXY_FIREWALL),
          new Jump("OUTPUT", NEW + "\"kubernetes service portals\"", ChainNames.SERVICES),
          new Jump("OUTPUT", COMMENT + "\"kubernetes localnet guard\"", ChainNames.FIREWALL),
          // A pod may always ask for names, which node ever answers it.
          new Jump("FORWARD", COMMENT + "\"kubernetes cluster DNS\"", ChainNames.DNS),
          // Before whatever accepts. Only what is forwarded: a node always reaches its own pods.
          new Jump(
              "FORWARD", COMMENT + "\"kubernetes network policies\"", ChainNames.NETWORK_POLICY),
          new Jump(
              "FORWARD", NEW + "\"kubernetes load balancer firewall\"", ChainNames.PROXY_FIREWALL),
          new Jump("FORWARD", COMMENT + "\"kubernetes forwarding rules\"", ChainNames.FORWARD),
          new Jump("FORWARD", NEW + "\"kubernetes service portals\"", ChainNames.SERVICES),
          new Jump(
              "FORWARD",
              NEW + "\"kubernetes externally-visible service portals\"",
              ChainNames.EXTERNAL_SERVICES));

  /**
   * It accepts, and so comes behind all that others drop; yet before the chain's policy, by which
   * Docker and firewalls forward nothing that nobody accepts.
   */
  private static final Jump POD_FORWARD =
      new Jump("FORWARD", COMMENT + "\"kubernetes pod traffic\"", ChainNames.POD_FORWARD);

  private static final List<Jump> NAT_JUMPS =
      List.of(
          new Jump("PREROUTING", COMMENT + "\"kubernetes cluster DNS\"", ChainNames.DNS),
          new Jump("PREROUTING", COMMENT + "\"kubernetes service portals\"", ChainNames.SERVICES),
          new Jump("OUTPUT", COMMENT + "\"kubernetes service portals\"", ChainNames.SERVICES),
          new Jump(
              "POSTROUTING", COMMENT + "\"kubernetes postrouting rules\"", ChainNames.POSTROUTING));

  private BaseRules() {}

  /** The jumps of a table in the order in which a packet should meet them. */
  static List<Jump> jumps(Table table) {
    return switch (table) {
      case RAW -> RAW_JUMPS;
      case FILTER -> FILTER_JUMPS;
      case NAT -> NAT_JUMPS;
    };
  }

  /** The jumps of a table that come behind everybody's rules. */
  static List<Jump> lastJumps(Table table) {
    return switch (table) {
      case FILTER -> List.of(POD_FORWARD);
      case RAW, NAT -> List.of();
    };
  }

  /** The chains of the raw table. */
  static Map<String, List<String>> raw() {
    return Map.of(
        ChainNames.DNS,
        List.of(),
        ChainNames.DNS_ANSWERS,
        List.of(),
        ChainNames.CANARY,
        List.of(CANARY_RULE));
  }

  /** The chains of the filter table whose content never changes. */
  static Map<String, List<String>> filter(String clusterDns, String clusterCidr) {
    return Map.of(
        ChainNames.FORWARD,
        List.of(
            "-m conntrack --ctstate INVALID -j DROP",
            "-m comment --comment \"kubernetes forwarding rules\" -m mark --mark "
                + MARK
                + "/"
                + MARK
                + " -j ACCEPT",
            "-m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack"
                + " --ctstate RELATED,ESTABLISHED -j ACCEPT"),
        ChainNames.FIREWALL,
        List.of(
            // Node ports answer on loopback, for which packets with loopback addresses may be
            // routed. Nobody else may use that to reach what listens on loopback only
            // (CVE-2020-8558).
            "-m comment --comment \"block incoming localnet connections\" -d 127.0.0.0/8"
                + " ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
            // While the DNS server restarts nobody listens. A client that is told so gives up; one
            // that hears nothing asks again, and is answered.
            "-m comment --comment \"cluster DNS may be late, not gone\" -s "
                + clusterDns
                + " -p icmp -m icmp --icmp-type port-unreachable -j DROP"),
        ChainNames.DNS,
        List.of("-m conntrack --ctorigdst " + clusterDns + " -j ACCEPT"),
        ChainNames.NETWORK_POLICY,
        List.of(),
        ChainNames.POD_FORWARD,
        clusterCidr.isEmpty()
            ? List.of()
            : List.of("-s " + clusterCidr + " -j ACCEPT", "-d " + clusterCidr + " -j ACCEPT"),
        ChainNames.CANARY,
        List.of(CANARY_RULE));
  }

  /** The chains of the nat table whose content never changes. */
  static Map<String, List<String>> nat(String clusterCidr, String masqueraded) {
    List<String> leaving = new ArrayList<>();
    if (!masqueraded.isEmpty()) {
      leaving.add(
          "-m comment --comment \"pods leave the cluster as their node\" -s "
              + masqueraded
              + " ! -d "
              + clusterCidr
              + " -m addrtype ! --dst-type LOCAL -j MASQUERADE --random-fully");
    }
    leaving.addAll(
        List.of(
            "-m mark ! --mark " + MARK + "/" + MARK + " -j RETURN",
            // The mark is removed: a packet that passes here again must not be translated twice.
            "-j MARK --xor-mark " + MARK,
            "-m comment --comment \"kubernetes service traffic requiring SNAT\""
                + " -j MASQUERADE --random-fully"));
    return Map.of(
        ChainNames.MARK_MASQ,
        List.of("-j MARK --or-mark " + MARK),
        ChainNames.POSTROUTING,
        leaving,
        ChainNames.DNS,
        List.of(),
        ChainNames.CANARY,
        List.of(CANARY_RULE));
  }
}
