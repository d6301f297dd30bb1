package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Why a pod fits nowhere. */
public final class Diagnosis {
  private static final String NO_NODES = "no nodes available to schedule pods";

  private final int nodes;
  private final Map<NodeInfo, Verdict.Rejected> verdicts = new LinkedHashMap<>();
  private final Set<String> plugins = new TreeSet<>();
  private List<String> general = List.of();
  private Set<String> narrowedBy = Set.of();

  /** A diagnosis over so many nodes. */
  public Diagnosis(int nodes) {
    this.nodes = nodes;
  }

  /** Notes a node's rejection. */
  void rejected(NodeInfo node, Plugin plugin, Verdict.Rejected verdict) {
    verdicts.put(node, verdict);
    plugins.add(plugin.name());
  }

  /** Notes that a plugin rejected the pod whatever the node. */
  void rejected(Plugin plugin, List<String> reasons) {
    general = reasons;
    plugins.add(plugin.name());
  }

  /** Notes which plugins left nodes out before any was looked at. */
  void narrowed(Set<String> by) {
    narrowedBy = new TreeSet<>(by);
    plugins.addAll(by);
  }

  /** The names of the plugins that rejected the pod anywhere. */
  public Set<String> plugins() {
    return plugins;
  }

  /** The nodes where the pod might fit if other pods went away. */
  public List<NodeInfo> resolvable() {
    List<NodeInfo> nodes = new ArrayList<>();
    verdicts.forEach((node, verdict) -> {
      if (verdict.resolvable()) {
        nodes.add(node);
      }
    });
    return nodes;
  }

  /** How many nodes were looked at. */
  public int nodes() {
    return nodes;
  }

  /** Upstream's sentence: {@code 0/3 nodes are available: 1 Insufficient cpu, 2 …}. */
  public String message() {
    if (nodes == 0) {
      return NO_NODES;
    }
    if (!general.isEmpty()) {
      return "0/" + nodes + " nodes are available: " + String.join(", ", general) + ".";
    }
    return sentence(nodes, histogram());
  }

  /** How many nodes there are for each reason. */
  public Map<String, Integer> histogram() {
    Map<String, Integer> histogram = new HashMap<>();
    verdicts
        .values()
        .forEach(verdict ->
            verdict.reasons().forEach(reason -> histogram.merge(reason, 1, Integer::sum)));
    int leftOut = nodes - verdicts.size();
    if (!narrowedBy.isEmpty() && leftOut > 0) {
      histogram.merge(
          "node(s) didn't satisfy plugin(s) [" + String.join(" ", narrowedBy) + "]",
          leftOut,
          Integer::sum);
    }
    return histogram;
  }

  /** The sentence over any reasons. */
  public static String sentence(int nodes, Map<String, Integer> histogram) {
    StringBuilder text = new StringBuilder("0/" + nodes + " nodes are available:");
    List<String> counted = new ArrayList<>();
    histogram.forEach((reason, count) -> counted.add(count + " " + reason));
    counted.sort(null);
    if (!counted.isEmpty()) {
      text.append(' ').append(String.join(", ", counted)).append('.');
    }
    return text.toString();
  }
}
