package dev.coxswain.apiserver.kinds.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The columns of services and of endpoints. */
public final class ServiceColumns {
  /** How many endpoints are shown before the rest is only counted. */
  private static final int SHOWN = 3;

  private ServiceColumns() {}

  /** Of services. */
  public static List<Column> service() {
    return Columns.named(
        Columns.text("Type", "How it is reached.", s -> Json.text(s, "spec", "type")),
        Columns.text(
            "Cluster-IP",
            "Its address in the cluster.",
            s -> Columns.textOrNone(s, "spec", "clusterIP")),
        Columns.text("External-IP", "Its addresses outside.", ServiceColumns::external),
        Columns.text("Port(s)", "Its ports.", ServiceColumns::ports),
        Columns.age(),
        Columns.wide(
            "Selector",
            "Which pods serve it.",
            s -> Columns.labels(Json.at(s, "spec", "selector"))));
  }

  private static String external(ObjectNode service) {
    JsonNode spec = service.path("spec");
    String given = Columns.joined(spec.path("externalIPs"), JsonNode::asString);
    return switch (Json.text(spec, "type")) {
      case "ExternalName" -> Json.text(spec, "externalName");
      case "LoadBalancer" -> balanced(service, given);
      default -> Columns.orNone(given);
    };
  }

  private static String balanced(ObjectNode service, String given) {
    List<String> addresses = new ArrayList<>();
    for (JsonNode ingress : Json.at(service, "status", "loadBalancer", "ingress")) {
      String ip = Json.text(ingress, "ip");
      addresses.add(ip.isEmpty() ? Json.text(ingress, "hostname") : ip);
    }
    if (!given.isEmpty()) {
      addresses.add(given);
    }
    return addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
  }

  private static String ports(ObjectNode service) {
    return Columns.orNone(
        Columns.joined(
            service.path("spec").path("ports"),
            port -> {
              int node = port.path("nodePort").asInt(0);
              String number = port.path("port").asString("");
              String protocol = Json.text(port, "protocol");
              return node == 0 ? number + "/" + protocol : number + ":" + node + "/" + protocol;
            }));
  }

  /** Of endpoints. */
  public static List<Column> endpoints() {
    return Columns.named(
        Columns.text("Endpoints", "Where it is served.", ServiceColumns::addresses), Columns.age());
  }

  private static String addresses(ObjectNode endpoints) {
    List<String> all = new ArrayList<>();
    for (JsonNode subset : endpoints.path("subsets")) {
      for (JsonNode address : subset.path("addresses")) {
        String ip = Json.text(address, "ip");
        if (subset.path("ports").isEmpty()) {
          all.add(ip);
        }
        for (JsonNode port : subset.path("ports")) {
          all.add(ip + ":" + port.path("port").asString(""));
        }
      }
    }
    return shortened(all, " + %d more...");
  }

  private static String shortened(List<String> all, String more) {
    if (all.size() <= SHOWN) {
      return Columns.orNone(String.join(",", all));
    }
    return String.join(",", all.subList(0, SHOWN))
        + String.format(java.util.Locale.ROOT, more, all.size() - SHOWN);
  }

  /** Of endpoint slices. */
  public static List<Column> slice() {
    return Columns.named(
        Columns.text("AddressType", "IPv4, IPv6 or names.", s -> Json.text(s, "addressType")),
        Columns.text("Ports", "The ports.", ServiceColumns::slicePorts),
        Columns.text("Endpoints", "The addresses.", ServiceColumns::sliceAddresses),
        Columns.age());
  }

  private static String slicePorts(ObjectNode slice) {
    List<String> ports = new ArrayList<>();
    for (JsonNode port : slice.path("ports")) {
      ports.add(port.has("port") ? port.path("port").asString("") : "*");
    }
    return ports.isEmpty() ? "<unset>" : shortened(ports, " + %d more...");
  }

  private static String sliceAddresses(ObjectNode slice) {
    List<String> addresses = new ArrayList<>();
    for (JsonNode endpoint : slice.path("endpoints")) {
      endpoint.path("addresses").forEach(address -> addresses.add(address.asString("")));
    }
    return addresses.isEmpty() ? "<unset>" : shortened(addresses, " + %d more...");
  }
}
