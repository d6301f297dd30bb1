package dev.coxswain.apiserver.kinds.cluster;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Columns;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of nodes and namespaces. */
public final class ClusterColumns {
  private static final String ROLE_PREFIX = "node-role.kubernetes.io/";
  private static final String ROLE = "kubernetes.io/role";

  private ClusterColumns() {}

  /** Of nodes. */
  public static List<Column> node() {
    return Columns.named(
        Columns.text("Status", "Whether the node takes pods.", ClusterColumns::status),
        Columns.text("Roles", "What the node is for.", ClusterColumns::roles),
        Columns.age(),
        Columns.text("Version", "The kubelet's version.", n -> info(n, "kubeletVersion")),
        Columns.wide("Internal-IP", "Its address in the cluster.", n -> address(n, "InternalIP")),
        Columns.wide("External-IP", "Its address outside.", n -> address(n, "ExternalIP")),
        Columns.wide("OS-Image", "Its operating system.", n -> unknown(info(n, "osImage"))),
        Columns.wide("Kernel-Version", "Its kernel.", n -> unknown(info(n, "kernelVersion"))),
        Columns.wide(
            "Container-Runtime",
            "What runs its containers.",
            n -> unknown(info(n, "containerRuntimeVersion"))));
  }

  private static String status(ObjectNode node) {
    String status = "Unknown";
    for (JsonNode condition : node.path("status").path("conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        status = Json.text(condition, "status").equals("True") ? "Ready" : "NotReady";
      }
    }
    return Json.flag(node, "spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
  }

  private static String roles(ObjectNode node) {
    TreeSet<String> roles = new TreeSet<>();
    node.path("metadata")
        .path("labels")
        .properties()
        .forEach(label -> {
          if (label.getKey().startsWith(ROLE_PREFIX)) {
            roles.add(label.getKey().substring(ROLE_PREFIX.length()));
          } else if (label.getKey().equals(ROLE)) {
            roles.add(label.getValue().asString(""));
          }
        });
    roles.remove("");
    return Columns.orNone(String.join(",", roles));
  }

  private static String info(ObjectNode node, String field) {
    return Json.text(node, "status", "nodeInfo", field);
  }

  private static String unknown(String text) {
    return text.isEmpty() ? "<unknown>" : text;
  }

  private static String address(ObjectNode node, String type) {
    for (JsonNode address : node.path("status").path("addresses")) {
      if (Json.text(address, "type").equals(type)) {
        return Json.text(address, "address");
      }
    }
    return Columns.orNone("");
  }

  /** Of namespaces. */
  public static List<Column> namespace() {
    return Columns.named(
        Columns.text("Status", "Whether it is going.", n -> Json.text(n, "status", "phase")),
        Columns.age());
  }
}
