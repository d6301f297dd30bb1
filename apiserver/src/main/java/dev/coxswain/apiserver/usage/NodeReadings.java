package dev.coxswain.apiserver.usage;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last two readings of each node, made when somebody asks: who never asks costs nothing. A rate
 * needs two, so the first to ask waits a second for the other.
 */
final class NodeReadings {
  private static final Logger log = LoggerFactory.getLogger(NodeReadings.class);

  /** How long a reading is good enough. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  /** What is older says nothing about the use of today. */
  private static final Duration STALE = Duration.ofMinutes(2);

  private static final Duration FIRST_WINDOW = Duration.ofSeconds(1);

  /** Nodes whose readings are kept: as many as one server is built for. */
  private static final int KEPT = 5_000;

  private final Source source;
  private final Time time;

  /** Bounded: beyond the limit those that nobody has asked for lately are dropped. */
  private final Map<String, Node> nodes = new ConcurrentHashMap<>();

  /** Reads a node. */
  @FunctionalInterface
  interface Source {
    /**
     * What its kubelet says now.
     *
     * @throws ApiException when the kubelet cannot be read
     */
    Reading read(String node) throws InterruptedException;
  }

  /** Two readings of a node, the earlier one first. */
  record Pair(Reading before, Reading after) {}

  NodeReadings(Source source, Time time) {
    this.source = source;
    this.time = time;
  }

  /** The readings of these nodes; those that cannot be read are left out. */
  Map<String, Pair> of(Set<String> names) throws InterruptedException {
    if (nodes.size() > KEPT) {
      nodes.keySet().retainAll(names);
    }
    var pending = new LinkedHashMap<String, Future<Pair>>();
    var pairs = new HashMap<String, Pair>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String name : names) {
        Node node = nodes.computeIfAbsent(name, Node::new);
        pending.put(name, threads.submit(node::pair));
      }
      for (Map.Entry<String, Future<Pair>> answer : pending.entrySet()) {
        try {
          pairs.put(answer.getKey(), answer.getValue().get());
        } catch (ExecutionException e) {
          log.info("what node {} uses cannot be read: {}", answer.getKey(), reason(e));
        }
      }
    }
    return pairs;
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause instanceof ApiException known ? String.valueOf(known.getMessage()) : "" + cause;
  }

  private final class Node {
    private final String name;
    private @Nullable Pair last;
    private long readAt;

    Node(String name) {
      this.name = name;
    }

    synchronized Pair pair() throws InterruptedException {
      Pair known = last;
      Duration age = Duration.ofNanos(time.nanos() - readAt);
      if (known != null && age.compareTo(FRESH) < 0) {
        return known;
      }
      Reading before;
      if (known == null || age.compareTo(STALE) > 0) {
        before = source.read(name);
        time.sleep(FIRST_WINDOW);
      } else {
        before = known.after();
      }
      Pair pair = new Pair(before, source.read(name));
      readAt = time.nanos();
      last = pair;
      return pair;
    }
  }
}
