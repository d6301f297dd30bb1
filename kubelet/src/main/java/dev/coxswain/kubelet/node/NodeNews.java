package dev.coxswain.kubelet.node;

import dev.coxswain.kubelet.pressure.Pressure;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What changed of the node, in the words of upstream's events. Pure. */
final class NodeNews {
  private static final String READY = "Ready";

  private NodeNews() {}

  /** An event about the node. */
  record Item(boolean warning, String reason, String message) {}

  /** The events between two statuses of the node of this name; at first there is none before. */
  static List<Item> between(String node, NodeStatus before, NodeStatus after) {
    List<Item> news = new ArrayList<>();
    String boot = boot(after);
    if (!boot(before).isEmpty() && !boot(before).equals(boot)) {
      news.add(new Item(true, "Rebooted", "Node " + node + " has been rebooted, boot id: " + boot));
    }
    for (Pressure pressure : Pressure.values()) {
      String value = value(after, pressure.condition());
      if (!value.equals(value(before, pressure.condition()))) {
        news.add(is(node, "Node" + word(pressure, value.equals("True"))));
      }
    }
    String ready = value(after, READY);
    String was = value(before, READY);
    // A node that is not ready yet has not become so.
    if (!ready.equals(was) && (ready.equals("True") || !was.isEmpty())) {
      news.add(is(node, ready.equals("True") ? "NodeReady" : "NodeNotReady"));
    }
    return news;
  }

  /** The condition's reason without its first word. */
  private static String word(Pressure pressure, boolean holds) {
    return pressure.reason(holds).substring("Kubelet".length());
  }

  private static Item is(String node, String status) {
    return new Item(false, status, "Node " + node + " status is now: " + status);
  }

  private static String boot(NodeStatus status) {
    return status.getNodeInfo() == null
        ? ""
        : Objects.requireNonNullElse(status.getNodeInfo().getBootID(), "");
  }

  private static String value(NodeStatus status, String type) {
    return status.getConditions().stream()
        .filter(condition -> condition.getType().equals(type))
        .map(NodeCondition::getStatus)
        .findFirst()
        .orElse("");
  }
}
