package dev.coxswain.apiserver.kinds.pod;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.quantity.Quantity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What is allowed in a pod's containers but rarely meant. The texts are upstream's. */
final class ContainerWarnings {
  private static final List<String> LISTS =
      List.of("initContainers", "containers", "ephemeralContainers");

  private final List<String> warnings = new ArrayList<>();
  private final Map<String, List<Port>> ports = new HashMap<>();

  private ContainerWarnings() {}

  /** A port of a container, and where it stands. */
  private record Port(String path, String hostIp, long hostPort) {}

  static List<String> of(JsonNode spec, String path) {
    ContainerWarnings told = new ContainerWarnings();
    for (String list : LISTS) {
      int index = 0;
      for (JsonNode container : spec.path(list)) {
        String at = path + "." + list + "[" + index++ + "]";
        for (String kind : List.of("limits", "requests")) {
          fractions(
              Json.at(container, "resources", kind), at + ".resources." + kind, told.warnings);
        }
        told.variables(container.path("env"), at + ".env");
      }
    }
    for (String list : LISTS) {
      int index = 0;
      for (JsonNode container : spec.path(list)) {
        told.ports(container.path("ports"), path + "." + list + "[" + index++ + "].ports");
      }
    }
    return told.warnings;
  }

  /** Adds what is said of bytes that are no whole number. */
  static void fractions(JsonNode amounts, String path, List<String> warnings) {
    for (String name : List.of("memory", "ephemeral-storage")) {
      fraction(amounts, name, path, warnings);
    }
  }

  /** Adds what is said of an amount of bytes that is no whole number. */
  static void fraction(JsonNode amounts, String name, String path, List<String> warnings) {
    String text = Json.text(amounts, name);
    if (!text.isEmpty() && isFraction(Quantity.parse(text))) {
      warnings.add(
          path
              + "["
              + name
              + "]: fractional byte value \""
              + Quantity.parse(text)
              + "\" is invalid, must be an integer");
    }
  }

  private static boolean isFraction(Quantity amount) {
    return amount.compareTo(Quantity.of(amount.rounded())) != 0;
  }

  private void variables(JsonNode list, String path) {
    Set<String> seen = new HashSet<>();
    int index = 0;
    for (JsonNode variable : list) {
      String at = path + "[" + index++ + "]";
      String name = Json.text(variable, "name");
      String value = Json.text(variable, "value");
      String reference = "$(" + name + ")";
      // One that adds to the earlier one means it.
      boolean adds =
          !variable.hasNonNull("valueFrom")
              && value.contains(reference)
              && !value.equals(reference);
      if (!seen.add(name) && !adds) {
        warnings.add(
            at
                + ": hides previous definition of \""
                + name
                + "\", which may be dropped when using apply");
      }
    }
  }

  private void ports(JsonNode list, String path) {
    int index = 0;
    for (JsonNode element : list) {
      Port port =
          new Port(
              path + "[" + index++ + "]",
              Json.text(element, "hostIP"),
              element.path("hostPort").asLong(0));
      if (!port.hostIp().isEmpty() && port.hostPort() == 0) {
        // Upstream prints the port as its language does.
        warnings.add(
            port.path()
                + ": hostIP set without hostPort: {Name:"
                + Json.text(element, "name")
                + " HostPort:0 ContainerPort:"
                + element.path("containerPort").asLong(0)
                + " Protocol:"
                + Json.text(element, "protocol")
                + " HostIP:"
                + port.hostIp()
                + "}");
      }
      String key = element.path("containerPort") + "/" + Json.text(element, "protocol");
      List<Port> others = ports.computeIfAbsent(key, _ -> new ArrayList<>());
      for (Port other : others) {
        String how = conflict(port, other);
        if (!how.isEmpty()) {
          warnings.add(port.path() + ": " + how + " port definition with " + other.path());
        }
      }
      others.add(port);
    }
  }

  private static String conflict(Port port, Port other) {
    if (port.hostIp().equals(other.hostIp()) && port.hostPort() == other.hostPort()) {
      return "duplicate";
    }
    if (port.hostPort() == 0 || other.hostPort() == 0) {
      return "overlapping";
    }
    boolean one = port.hostIp().isEmpty() != other.hostIp().isEmpty();
    return port.hostPort() == other.hostPort() && one ? "dangerously ambiguous" : "";
  }
}
