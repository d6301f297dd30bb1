package dev.coxswain.controllers.nodelifecycle;

import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When each node was last heard of, by this process' own clock: the nodes' clocks may be wrong, so
 * their timestamps only tell that something changed. After a restart every node is heard of anew.
 */
final class Heartbeats {
  /** Bounded by the nodes: forgotten with them. */
  private final Map<String, Beat> beats = new ConcurrentHashMap<>();

  private record Beat(String uid, String mark, Instant seen, String readiness) {}

  /** Takes in what the node shows now and gives when it was last heard of. */
  Instant observe(Node node, Optional<Lease> lease, Instant now) {
    String mark =
        lease.map(held -> String.valueOf(held.getSpec().getRenewTime())).orElse("")
            + "/"
            + Nodes.condition(node, "Ready").map(ready -> ready.getLastHeartbeatTime()).orElse("");
    Beat beat =
        beats.compute(
            Meta.name(node),
            (name, last) ->
                last == null || !last.uid().equals(Meta.uid(node))
                    ? new Beat(Meta.uid(node), mark, now, "")
                    : last.mark().equals(mark)
                        ? last
                        : new Beat(last.uid(), mark, now, last.readiness()));
    return beat.seen();
  }

  /** Notes how ready the node is now; whether it was ready when this was last asked. */
  boolean wasReady(Node node, String readiness) {
    var before = new String[] {""};
    beats.computeIfPresent(
        Meta.name(node),
        (name, beat) -> {
          before[0] = beat.readiness();
          return new Beat(beat.uid(), beat.mark(), beat.seen(), readiness);
        });
    return before[0].equals("True");
  }

  /** Whether this very node was heard of before. */
  boolean knows(Node node) {
    Beat last = beats.get(Meta.name(node));
    return last != null && last.uid().equals(Meta.uid(node));
  }

  /** Forgets a node; the uid it had, empty where it was not known. */
  Optional<String> forget(String node) {
    return Optional.ofNullable(beats.remove(node)).map(Beat::uid);
  }
}
