package dev.coxswain.proxy.iptables;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one service contributes: chains of its own, and rules in chains that all share. Rules are
 * iptables arguments without the leading {@code -A CHAIN}.
 */
final class ServiceRules {
  /** Chains of the nat table by name. */
  final Map<String, List<String>> chains = new LinkedHashMap<>();

  /** Its part of nat KUBE-SERVICES. */
  final List<String> natServices = new ArrayList<>();

  /** Its part of nat KUBE-NODEPORTS. */
  final List<String> nodePorts = new ArrayList<>();

  /** Its part of filter KUBE-SERVICES. */
  final List<String> filterServices = new ArrayList<>();

  /** Its part of filter KUBE-EXTERNAL-SERVICES. */
  final List<String> filterExternal = new ArrayList<>();

  /** Its part of filter KUBE-PROXY-FIREWALL. */
  final List<String> firewall = new ArrayList<>();

  /** Appends to a chain of the service's own. */
  void add(String chain, String rule) {
    chains.computeIfAbsent(chain, absent -> new ArrayList<>()).add(rule);
  }
}
