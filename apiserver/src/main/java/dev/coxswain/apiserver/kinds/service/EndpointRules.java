package dev.coxswain.apiserver.kinds.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.Names;
import dev.coxswain.apiserver.cel.library.IpAddress;
import dev.coxswain.apiserver.kinds.common.Checks;
import dev.coxswain.apiserver.registry.FieldError;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * What endpoints may be. Whoever writes them says where a Service's traffic goes, on every node and
 * from the API server too: never to what is a machine's own.
 */
final class EndpointRules {
  private static final int MOST_ENDPOINTS = 1000;
  private static final int MOST_ADDRESSES = 100;
  private static final int MOST_PORTS = 100;
  private static final int MOST_HINTS = 8;

  private final List<FieldError> errors;

  EndpointRules(List<FieldError> errors) {
    this.errors = errors;
  }

  void slice(JsonNode slice) {
    String type = Json.text(slice, "addressType");
    JsonNode endpoints = slice.path("endpoints");
    if (endpoints.size() > MOST_ENDPOINTS) {
      errors.add(FieldError.tooMany("endpoints", endpoints.size(), MOST_ENDPOINTS));
    } else {
      for (int i = 0; i < endpoints.size(); i++) {
        endpoint(endpoints.get(i), type, "endpoints[" + i + "]");
      }
    }
    JsonNode ports = slice.path("ports");
    if (ports.size() > MOST_PORTS) {
      errors.add(FieldError.tooMany("ports", ports.size(), MOST_PORTS));
      return;
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      String path = "ports[" + i + "]";
      String name = Json.text(ports.get(i), "name");
      if (!names.add(name)) {
        errors.add(FieldError.duplicate(path + ".name", name));
      }
      port(ports.get(i), path);
    }
  }

  void subsets(JsonNode subsets) {
    for (int i = 0; i < subsets.size(); i++) {
      JsonNode subset = subsets.get(i);
      String path = "subsets[" + i + "]";
      if (subset.path("addresses").isEmpty() && subset.path("notReadyAddresses").isEmpty()) {
        errors.add(FieldError.required(path, "must specify `addresses` or `notReadyAddresses`"));
      }
      for (String list : List.of("addresses", "notReadyAddresses")) {
        addresses(subset.path(list), path + "." + list);
      }
      JsonNode ports = subset.path("ports");
      for (int place = 0; place < ports.size(); place++) {
        String at = path + ".ports[" + place + "]";
        if (ports.size() > 1 && Json.text(ports.get(place), "name").isEmpty()) {
          errors.add(FieldError.required(at + ".name", ""));
        }
        if (!ports.get(place).has("port")) {
          errors.add(FieldError.invalid(at + ".port", 0, Checks.PORT_RANGE));
        }
        port(ports.get(place), at);
      }
    }
  }

  private void addresses(JsonNode addresses, String path) {
    for (int i = 0; i < addresses.size(); i++) {
      address(Json.text(addresses.get(i), "ip"), path + "[" + i + "].ip");
      hostname(addresses.get(i), path + "[" + i + "]");
    }
  }

  private void endpoint(JsonNode endpoint, String type, String path) {
    JsonNode addresses = endpoint.path("addresses");
    if (addresses.isEmpty()) {
      errors.add(FieldError.required(path + ".addresses", "must contain at least 1 address"));
    } else if (addresses.size() > MOST_ADDRESSES) {
      errors.add(FieldError.tooMany(path + ".addresses", addresses.size(), MOST_ADDRESSES));
    }
    for (int i = 0; i < addresses.size(); i++) {
      String at = path + ".addresses[" + i + "]";
      String text = addresses.get(i).asString("");
      if (type.equals("FQDN")) {
        domain(text, at);
      } else if (address(text, at) && type.equals("IPv4") != text.indexOf(':') < 0) {
        errors.add(FieldError.invalid(at, text, "must be an " + type + " address"));
      }
    }
    hostname(endpoint, path);
    if (endpoint.hasNonNull("nodeName")) {
      String node = Json.text(endpoint, "nodeName");
      Checks.form(Names.subdomain(node), path + ".nodeName", node, errors);
    }
    hints(endpoint.path("hints").path("forZones"), path + ".hints.forZones");
    hints(endpoint.path("hints").path("forNodes"), path + ".hints.forNodes");
  }

  /** A domain of more than one label, which may end with a dot. */
  private void domain(String text, String path) {
    String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    Optional<String> problem = Names.subdomain(name);
    if (text.isEmpty()) {
      errors.add(FieldError.required(path, ""));
    } else if (problem.isPresent()) {
      errors.add(FieldError.invalid(path, name, problem.get()));
    } else if (name.indexOf('.') < 0) {
      errors.add(
          FieldError.invalid(
              path, name, "should be a domain with at least two segments separated by dots"));
    }
  }

  /** For whom the endpoint is best. */
  private void hints(JsonNode hints, String path) {
    if (hints.size() > MOST_HINTS) {
      errors.add(FieldError.tooMany(path, hints.size(), MOST_HINTS));
      return;
    }
    Set<String> names = new HashSet<>();
    int index = 0;
    for (JsonNode hint : hints) {
      String at = path + "[" + index++ + "].name";
      String name = Json.text(hint, "name");
      if (!names.add(name)) {
        errors.add(FieldError.duplicate(at, name));
      }
      if (path.endsWith("forZones")) {
        Checks.form(Names.labelValue(name), at, name, errors);
      } else {
        Checks.form(Names.subdomain(name), at, name, errors);
      }
    }
  }

  private void hostname(JsonNode endpoint, String path) {
    if (endpoint.has("hostname")) {
      String name = Json.text(endpoint, "hostname");
      Checks.form(Names.label(name), path + ".hostname", name, errors);
    }
  }

  /** Adds what is wrong with an address that packets are sent to; returns whether it is one. */
  boolean address(String text, String path) {
    if (!IpAddress.isAddress(text)) {
      errors.add(FieldError.invalid(path, text, IpAddress.EXPECTED));
      return false;
    }
    InetAddress address = InetAddress.ofLiteral(text);
    if (address.isAnyLocalAddress()) {
      errors.add(FieldError.invalid(path, text, "may not be unspecified (" + text + ")"));
    }
    if (address.isLoopbackAddress()) {
      errors.add(
          FieldError.invalid(
              path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
    }
    if (address.isLinkLocalAddress()) {
      errors.add(
          FieldError.invalid(
              path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"));
    }
    if (isLinkLocalMulticast(address)) {
      errors.add(
          FieldError.invalid(
              path,
              text,
              "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"));
    }
    return true;
  }

  private static boolean isLinkLocalMulticast(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address
        ? (bytes[0] & 0xff) == 224 && bytes[1] == 0 && bytes[2] == 0
        : (bytes[0] & 0xff) == 0xff && (bytes[1] & 0x0f) == 2;
  }

  private void port(JsonNode port, String path) {
    String name = Json.text(port, "name");
    if (!name.isEmpty()) {
      Checks.form(Names.label(name), path + ".name", name, errors);
    }
    if (port.has("port") && !port.path("port").isNull()) {
      Checks.portNumber(port.path("port"), path + ".port", errors);
    }
    String protocol = Json.text(port, "protocol");
    if (!Checks.PROTOCOLS.contains(protocol)) {
      errors.add(FieldError.notSupported(path + ".protocol", protocol, Checks.PROTOCOLS));
    }
    if (port.has("appProtocol") && !port.path("appProtocol").isNull()) {
      String application = Json.text(port, "appProtocol");
      Checks.form(Names.qualifiedName(application), path + ".appProtocol", application, errors);
    }
  }
}
