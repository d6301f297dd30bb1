package dev.coxswain.controllers.nodelifecycle;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import io.fabric8.kubernetes.api.model.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Keeps a failure of the network, or of this process' own eyes, from emptying the cluster. Nodes
 * are let go one by one; slower, or not at all, where most of a zone is silent; and none while
 * every zone is, for then the fault is more likely on this side. The thresholds are upstream's.
 */
final class EvictionBrake {
  private static final Duration NORMAL = Duration.ofSeconds(10);
  private static final Duration SLOW = Duration.ofSeconds(100);
  private static final double UNHEALTHY_SHARE = 0.55;
  private static final int LARGE_ZONE = 50;
  private static final int FEW = 2;

  /** When each zone last let a node go; bounded by the zones. */
  private final Map<String, Instant> lastByZone = new HashMap<>();

  /** What may be done about a node's pods. */
  sealed interface Verdict {
    /** They may be evicted from now on. */
    record Go() implements Verdict {}

    /** It is to be asked again after a while. */
    record Wait(Duration left) implements Verdict {}

    /** Nothing may be evicted anywhere, and what was begun is to be called off. */
    record Halt() implements Verdict {}
  }

  /** Asks for a node that was let go before. */
  synchronized Verdict recheck(Collection<Node> all) {
    return all.stream().noneMatch(Nodes::ready) ? new Verdict.Halt() : new Verdict.Go();
  }

  /** Asks for one node; a go is counted. */
  synchronized Verdict ask(Node node, Collection<Node> all, Instant now) {
    Map<String, List<Node>> zones =
        all.stream().collect(Collectors.groupingBy(EvictionBrake::zone));
    if (zones.values().stream().allMatch(EvictionBrake::silent)) {
      return new Verdict.Halt();
    }
    lastByZone.keySet().retainAll(zones.keySet());
    String zone = zone(node);
    List<Node> members = zones.getOrDefault(zone, List.of(node));
    Duration pace = NORMAL;
    if (mostlySilent(members)) {
      if (members.size() <= LARGE_ZONE) {
        return new Verdict.Wait(NORMAL);
      }
      pace = SLOW;
    }
    Instant last = lastByZone.get(zone);
    Duration left = last == null ? Duration.ZERO : Duration.between(now, last.plus(pace));
    if (left.isPositive()) {
      return new Verdict.Wait(left);
    }
    lastByZone.put(zone, now);
    return new Verdict.Go();
  }

  private static String zone(Node node) {
    return Meta.labels(node).getOrDefault("topology.kubernetes.io/region", "")
        + ":"
        + Meta.labels(node).getOrDefault("topology.kubernetes.io/zone", "");
  }

  private static boolean silent(List<Node> zone) {
    return zone.stream().noneMatch(Nodes::ready);
  }

  private static boolean mostlySilent(List<Node> zone) {
    long unready = zone.stream().filter(node -> !Nodes.ready(node)).count();
    return !silent(zone) && unready > FEW && unready >= UNHEALTHY_SHARE * zone.size();
  }
}
