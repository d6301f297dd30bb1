package dev.coxswain.proxy.route;

import dev.coxswain.proxy.kernel.Command;
import dev.coxswain.proxy.kernel.CommandResult;
import dev.coxswain.proxy.kernel.Kernel;
import io.fabric8.kubernetes.api.model.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one route for each other node ("host-gw": the nodes share a link, so a node is the gateway
 * of its pods). Routes carry a protocol number of their own, by which those that a former process
 * left are recognized.
 */
public final class RouteSync {
  private static final Logger log = LoggerFactory.getLogger(RouteSync.class);

  /** Any number that rt_protos leaves free. */
  private static final String PROTOCOL = "98";

  private final String nodeName;
  private final Kernel kernel;

  /** Routes for this node. */
  public RouteSync(String nodeName, Kernel kernel) {
    this.nodeName = nodeName;
    this.kernel = kernel;
  }

  /** Makes the kernel's pod routes those of these nodes. */
  public void apply(Collection<Node> nodes) throws IOException, InterruptedException {
    Map<String, String> wanted = wanted(nodes);
    Map<String, String> present =
        parse(kernel.require(Command.of("ip", "-4", "route", "show", "proto", PROTOCOL)));
    for (String pods : present.keySet()) {
      if (!wanted.containsKey(pods)) {
        // It may have gone with its device in between.
        kernel.run(Command.of("ip", "route", "del", pods, "proto", PROTOCOL));
        log.info("no route to pods {} any more", pods);
      }
    }
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, String> route : wanted.entrySet()) {
      if (!route.getValue().equals(present.get(route.getKey()))) {
        add(route.getKey(), route.getValue(), failures);
      }
    }
    // One unreachable node must not keep the others from being reached.
    if (!failures.isEmpty()) {
      throw new IOException(String.join("; ", failures));
    }
  }

  private void add(String pods, String via, List<String> failures)
      throws IOException, InterruptedException {
    CommandResult result =
        kernel.run(Command.of("ip", "route", "replace", pods, "via", via, "proto", PROTOCOL));
    if (result.succeeded()) {
      log.info("pods {} are reached by {}", pods, via);
    } else {
      failures.add("no route to pods " + pods + " by " + via + ": " + result.errors().strip());
    }
  }

  private Map<String, String> wanted(Collection<Node> nodes) {
    Map<String, String> wanted = new TreeMap<>();
    for (Node node : nodes) {
      if (!nodeName.equals(node.getMetadata().getName())) {
        PodRoute.to(node).ifPresent(route -> wanted.put(route.pods(), route.via()));
      }
    }
    return wanted;
  }

  /** Lines such as {@code 10.244.2.0/24 via 10.89.1.102 dev eth0}. */
  private static Map<String, String> parse(String shown) {
    Map<String, String> routes = new TreeMap<>();
    shown
        .lines()
        .map(line -> List.of(line.strip().split(" +")))
        .filter(words -> words.size() >= 3 && words.get(1).equals("via"))
        .forEach(words -> routes.put(words.getFirst(), words.get(2)));
    return routes;
  }
}
