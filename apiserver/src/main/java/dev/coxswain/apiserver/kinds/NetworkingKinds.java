package dev.coxswain.apiserver.kinds;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.kinds.common.Kinds;
import dev.coxswain.apiserver.kinds.network.AddressStrategy;
import dev.coxswain.apiserver.kinds.network.IngressClassStrategy;
import dev.coxswain.apiserver.kinds.network.IngressStrategy;
import dev.coxswain.apiserver.kinds.network.NetworkPolicyStrategy;
import dev.coxswain.apiserver.kinds.network.ServiceRangeStrategy;
import dev.coxswain.apiserver.registry.Column;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.table.Columns;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Ways into and between pods. */
final class NetworkingKinds {
  private static final int SHOWN_HOSTS = 3;

  private NetworkingKinds() {}

  private static String selector(ObjectNode policy) {
    try {
      return Columns.orNone(LabelSelector.of(policy.path("spec").path("podSelector")).toString());
    } catch (IllegalArgumentException malformed) {
      return "<invalid>";
    }
  }

  private static String parameters(ObjectNode ingressClass) {
    JsonNode parameters = ingressClass.path("spec").path("parameters");
    if (!parameters.isObject()) {
      return Columns.orNone("");
    }
    String group = Json.text(parameters, "apiGroup");
    String kind = Json.text(parameters, "kind");
    return (group.isEmpty() ? kind : kind + "." + group) + "/" + Json.text(parameters, "name");
  }

  private static String parent(ObjectNode address) {
    JsonNode parent = address.path("spec").path("parentRef");
    if (!parent.isObject()) {
      return Columns.orNone("");
    }
    String group = Json.text(parent, "group");
    String namespace = Json.text(parent, "namespace");
    return Json.text(parent, "resource")
        + (group.isEmpty() ? "/" : "." + group + "/")
        + (namespace.isEmpty() ? "" : namespace + "/")
        + Json.text(parent, "name");
  }

  private static List<Column> ingress() {
    return Columns.named(
        Columns.text(
            "Class", "Who serves it.", i -> Columns.textOrNone(i, "spec", "ingressClassName")),
        Columns.text("Hosts", "For which names.", NetworkingKinds::hosts),
        Columns.text("Address", "Where it is reached.", NetworkingKinds::address),
        Columns.text(
            "Ports",
            "At which ports.",
            i -> i.path("spec").path("tls").isEmpty() ? "80" : "80, 443"),
        Columns.age());
  }

  private static String address(ObjectNode ingress) {
    return Columns.joined(
        Json.at(ingress, "status", "loadBalancer", "ingress"),
        address -> {
          String ip = Json.text(address, "ip");
          return ip.isEmpty() ? Json.text(address, "hostname") : ip;
        });
  }

  private static String hosts(ObjectNode ingress) {
    List<String> hosts = new ArrayList<>();
    for (JsonNode rule : ingress.path("spec").path("rules")) {
      String host = Json.text(rule, "host");
      if (!host.isEmpty()) {
        hosts.add(host);
      }
    }
    if (hosts.isEmpty()) {
      return "*";
    }
    int shown = Math.min(hosts.size(), SHOWN_HOSTS);
    String text = String.join(",", hosts.subList(0, shown));
    return hosts.size() > shown ? text + " + " + (hosts.size() - shown) + " more..." : text;
  }

  static List<ResourceType> types(Kinds kinds) {
    return List.of(
        kinds
            .declare("Ingress", new IngressStrategy(kinds.schema("Ingress")))
            .status()
            .columns(ingress())
            .plural("ingresses")
            .shortNames("ing")
            .build(),
        kinds
            .declare("IngressClass", new IngressClassStrategy(kinds.schema("IngressClass")))
            .columns(
                Columns.named(
                    Columns.text(
                        "Controller", "Who serves it.", c -> Json.text(c, "spec", "controller")),
                    Columns.text(
                        "Parameters", "Where its settings are.", NetworkingKinds::parameters),
                    Columns.age()))
            .plural("ingressclasses")
            .clusterScoped()
            .build(),
        kinds
            .declare("NetworkPolicy", new NetworkPolicyStrategy(kinds.schema("NetworkPolicy")))
            .columns(
                Columns.named(
                    Columns.text(
                        "Pod-Selector", "Which pods it is for.", NetworkingKinds::selector),
                    Columns.age()))
            .plural("networkpolicies")
            .shortNames("netpol")
            .build(),
        kinds
            .declare("IPAddress", new AddressStrategy(kinds.schema("IPAddress")))
            .columns(
                Columns.named(
                    Columns.text("ParentRef", "What it belongs to.", NetworkingKinds::parent)))
            .plural("ipaddresses")
            .shortNames("ip")
            .clusterScoped()
            .build(),
        kinds
            .declare("ServiceCIDR", new ServiceRangeStrategy(kinds.schema("ServiceCIDR")))
            .status()
            .columns(
                Columns.named(
                    Columns.text(
                        "CIDRs",
                        "The ranges.",
                        s -> Columns.joined(s.path("spec").path("cidrs"), JsonNode::asString)),
                    Columns.age()))
            .shortNames("svccidr")
            .clusterScoped()
            .build());
  }
}
