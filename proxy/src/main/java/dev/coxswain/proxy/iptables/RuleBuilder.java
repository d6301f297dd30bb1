package dev.coxswain.proxy.iptables;

import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import java.util.List;
import java.util.stream.Stream;

/**
 * Turns a service's ports into rules.
 *
 * @param clusterCidr the pods' addresses; traffic from elsewhere to a cluster address is
 *     masqueraded, so that the answer finds its way back through this node; empty to masquerade
 *     only what needs it
 */
record RuleBuilder(String clusterCidr) {

  /** The rules of all ports of one service. */
  ServiceRules build(List<PortState> ports) {
    ServiceRules rules = new ServiceRules();
    for (PortState state : ports) {
      new Port(state, rules).build();
    }
    return rules;
  }

  /** One port's rules under construction. */
  private final class Port {
    private final ServicePort port;
    private final ServiceRules rules;
    private final List<Endpoint> cluster;
    private final List<Endpoint> local;
    private final boolean anywhere;

    Port(PortState state, ServiceRules rules) {
      this.port = state.port();
      this.rules = rules;
      List<Endpoint> all = state.clusterEndpoints();
      this.anywhere = !all.isEmpty();
      this.cluster = port.usesClusterEndpoints() ? all : List.of();
      this.local = port.usesLocalEndpoints() ? state.localEndpoints() : List.of();
    }

    void build() {
      clusterAddress();
      if (port.external()) {
        externalAddresses();
        if (anywhere) {
          externalChain();
        }
      }
      if (!cluster.isEmpty()) {
        balance(ChainNames.cluster(port), cluster);
      }
      if (!local.isEmpty()) {
        balance(ChainNames.local(port), local);
      }
      Stream.concat(cluster.stream(), local.stream()).distinct().forEach(this::endpointChain);
    }

    private String internalChain() {
      return port.internalLocal() ? ChainNames.local(port) : ChainNames.cluster(port);
    }

    private void clusterAddress() {
      String match = match(port.clusterIp());
      List<Endpoint> internal = port.internalLocal() ? local : cluster;
      if (internal.isEmpty()) {
        rules.filterServices.add(refusal(match));
        return;
      }
      rules.natServices.add(comment("cluster IP") + match + " -j " + internalChain());
      if (!clusterCidr.isEmpty()) {
        rules.add(
            internalChain(),
            comment("cluster IP") + match + " ! -s " + clusterCidr + " -j " + ChainNames.MARK_MASQ);
      }
    }

    /** The rules that lead to the external chain, or refuse what it cannot take. */
    private void externalAddresses() {
      String chain = ChainNames.external(port);
      for (String address : port.externalIps()) {
        address(match(address), "external IP", chain);
      }
      boolean restricted = !port.sourceRanges().isEmpty() && !port.loadBalancerIps().isEmpty();
      for (String address : port.loadBalancerIps()) {
        String match = match(address);
        address(match, "loadbalancer IP", restricted ? ChainNames.loadBalancer(port) : chain);
        if (restricted && anywhere) {
          rules.firewall.add(
              comment("traffic not accepted by " + ChainNames.loadBalancer(port))
                  + match
                  + " -j DROP");
        }
      }
      if (restricted && anywhere) {
        for (String range : port.sourceRanges()) {
          rules.add(
              ChainNames.loadBalancer(port),
              comment("loadbalancer IP") + "-s " + range + " -j " + chain);
        }
      }
      if (port.nodePort() != 0) {
        String match = protocolMatch() + "--dport " + port.nodePort();
        if (anywhere) {
          rules.nodePorts.add(comment() + match + " -j " + chain);
        }
        if (externalEndpoints().isEmpty()) {
          rules.filterExternal.add(refusal("-m addrtype --dst-type LOCAL " + match));
        }
      }
    }

    private void address(String match, String what, String chain) {
      if (anywhere) {
        rules.natServices.add(comment(what) + match + " -j " + chain);
      }
      if (externalEndpoints().isEmpty()) {
        rules.filterExternal.add(refusal(match));
      }
    }

    private List<Endpoint> externalEndpoints() {
      return port.externalLocal() ? local : cluster;
    }

    private void externalChain() {
      String chain = ChainNames.external(port);
      if (!port.externalLocal()) {
        rules.add(
            chain,
            comment("masquerade traffic for ", " external destinations")
                + "-j "
                + ChainNames.MARK_MASQ);
        rules.add(chain, "-j " + ChainNames.cluster(port));
        return;
      }
      // Pods and this node's own processes are not "outside": they reach every endpoint, as they
      // would by the cluster address.
      if (!clusterCidr.isEmpty()) {
        rules.add(
            chain,
            "-s "
                + clusterCidr
                + " "
                + comment("pod traffic for ", " external destinations")
                + "-j "
                + ChainNames.cluster(port));
      }
      rules.add(
          chain,
          comment("masquerade LOCAL traffic for ", " external destinations")
              + "-m addrtype --src-type LOCAL -j "
              + ChainNames.MARK_MASQ);
      rules.add(
          chain,
          comment("route LOCAL traffic for ", " external destinations")
              + "-m addrtype --src-type LOCAL -j "
              + ChainNames.cluster(port));
      if (!local.isEmpty()) {
        rules.add(chain, "-j " + ChainNames.local(port));
      }
    }

    /** An equal share for each endpoint; a returning client's own first where affinity is asked. */
    private void balance(String chain, List<Endpoint> endpoints) {
      if (port.affinitySeconds() > 0) {
        for (Endpoint endpoint : endpoints) {
          String target = ChainNames.endpoint(port, endpoint);
          rules.add(
              chain,
              arrow(endpoint)
                  + "-m recent --name "
                  + target
                  + " --rcheck --seconds "
                  + port.affinitySeconds()
                  + " --reap -j "
                  + target);
        }
      }
      for (int index = 0; index < endpoints.size(); index++) {
        String share = DnsDetour.share(endpoints.size() - index);
        Endpoint endpoint = endpoints.get(index);
        rules.add(chain, arrow(endpoint) + share + "-j " + ChainNames.endpoint(port, endpoint));
      }
    }

    private void endpointChain(Endpoint endpoint) {
      String chain = ChainNames.endpoint(port, endpoint);
      // Hairpin: a pod that reaches itself through the service must not see its own address.
      rules.add(chain, comment() + "-s " + endpoint.address() + " -j " + ChainNames.MARK_MASQ);
      String remember = port.affinitySeconds() > 0 ? "-m recent --name " + chain + " --set " : "";
      rules.add(
          chain,
          comment() + remember + protocolMatch() + "-j DNAT --to-destination " + endpoint.target());
    }

    /** TCP clients hear of it at once; a local client would wait a second for an ICMP message. */
    private String refusal(String match) {
      if (anywhere) {
        return comment("has no local endpoints") + match + " -j DROP";
      }
      String how = port.protocol() == Protocol.TCP ? " --reject-with tcp-reset" : "";
      return comment("has no endpoints") + match + " -j REJECT" + how;
    }

    private String match(String address) {
      return protocolMatch() + "-d " + address + " --dport " + port.port();
    }

    private String protocolMatch() {
      String protocol = port.protocol().text();
      return "-m " + protocol + " -p " + protocol + " ";
    }

    private String arrow(Endpoint endpoint) {
      return comment("-> " + endpoint.target());
    }

    private String comment() {
      return quoted(port.name().toString());
    }

    private String comment(String what) {
      return quoted(port.name() + " " + what);
    }

    private String comment(String before, String after) {
      return quoted(before + port.name() + after);
    }
  }

  /** A comment match; whatever could end the quotes or the line is replaced. */
  private static String quoted(String text) {
    String safe = text.replaceAll("[^A-Za-z0-9 ./:>_-]", "_");
    return "-m comment --comment \"" + safe + "\" ";
  }
}
