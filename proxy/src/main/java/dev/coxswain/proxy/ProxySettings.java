package dev.coxswain.proxy;

import dev.coxswain.proxy.kernel.Command;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the proxy is told.
 *
 * @param nodeName this node's name
 * @param clusterCidr the pods' addresses; empty when unknown
 * @param masqueraded the pods that go outside with this node's address; empty for none
 * @param clusterDns the address at which cluster DNS is answered
 * @param dnsListener where the DNS server listens: that address and port 53
 * @param clusterDomain the domain of the cluster's names
 * @param nameServers whom to ask about other names, as of now
 * @param minSyncPeriod the least time between two writes of rules
 * @param syncPeriod how often to look whether somebody removed them
 */
record ProxySettings(
    String nodeName,
    String clusterCidr,
    String masqueraded,
    String clusterDns,
    InetSocketAddress dnsListener,
    String clusterDomain,
    Supplier<List<String>> nameServers,
    Duration minSyncPeriod,
    Duration syncPeriod) {

  /**
   * A write takes a few hundredths of a second; this keeps a storm of changes to a tenth of a core.
   */
  static final Duration MIN_SYNC_PERIOD = Duration.ofMillis(200);

  /** Upstream's default. */
  static final Duration SYNC_PERIOD = Duration.ofSeconds(30);

  /** The kernel parameters without which service traffic does not flow as it should. */
  List<Command> sysctls() {
    return List.of(
        Command.sysctl("net/ipv4/ip_forward", "1"),
        // Node ports on loopback; KUBE-FIREWALL keeps others from using it.
        Command.sysctl("net/ipv4/conf/all/route_localnet", "1"),
        // A pod's packet to a service must meet the rules even when the endpoint shares its bridge.
        Command.sysctl("net/bridge/bridge-nf-call-iptables", "1"),
        // Upstream's defaults. A connection of which one side has said its last word may be used by
        // the other for an hour yet; the kernel would forget its translation after a minute.
        Command.sysctl("net/netfilter/nf_conntrack_tcp_timeout_close_wait", "3600"),
        Command.sysctl("net/netfilter/nf_conntrack_tcp_timeout_established", "86400"));
  }
}
