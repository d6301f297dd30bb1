package dev.coxswain.proxy.iptables;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.proxy.service.Endpoint;
import dev.coxswain.proxy.service.PortState;
import dev.coxswain.proxy.service.Protocol;
import dev.coxswain.proxy.service.ServicePort;
import dev.coxswain.proxy.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The commands of a story file, one a line:
 *
 * <pre>
 * service shop/web:http 10.96.0.20:80/tcp [nodePort=N] [externalIP=A] [loadBalancer=A] [source=R] [affinity=S] [internal=Local] [external=Local]
 * endpoints shop/web:http 10.244.1.2:8080 [local|unready|draining ...]; ...
 * delete shop/web
 * detour 10.244.1.0/24 10.244.2.0/24 ...
 * sync
 * flush
 * </pre>
 */
final class Story {
  private final RuleBook book = new RuleBook("10.244.0.0/16", "10.96.0.10", "");
  private final Map<String, ServicePort> ports = new TreeMap<>();
  private final Map<String, List<Endpoint>> endpoints = new TreeMap<>();
  private boolean flushed = true;

  /** Runs a command and returns what it shows. */
  String run(String line) {
    List<String> words = List.of(line.strip().split(" ", 3));
    switch (words.getFirst()) {
      case "service" -> service(words.get(1), words.get(2));
      case "endpoints" -> endpoints(words.get(1), words.size() < 3 ? "" : words.get(2));
      case "delete" -> {
        ports.keySet().removeIf(port -> serviceOf(port).equals(words.get(1)));
        book.put(key(words.get(1)), List.of());
      }
      case "detour" ->
          book.detour(
              new DnsDetour(
                  "10.96.0.10",
                  "10.244.0.0/16",
                  words.get(1),
                  words.size() < 3 ? List.of() : List.of(words.get(2).split(" ", -1))));
      case "flush" -> flushed = true;
      case "sync" -> {
        String text =
            flushed
                ? book.everything(
                    Stream.of(Table.values())
                        .collect(Collectors.toMap(Function.identity(), _ -> SavedTable.EMPTY)))
                : book.changes();
        flushed = false;
        book.applied();
        return text.isEmpty() ? "(nothing to write)\n" : text;
      }
      default -> throw new IllegalArgumentException("unknown command: " + line);
    }
    return "";
  }

  private void service(String name, String rest) {
    List<String> words = List.of(rest.split(" "));
    Map<String, String> options = new TreeMap<>();
    words.stream()
        .skip(1)
        .map(word -> word.split("=", -1))
        .forEach(pair -> options.put(pair[0], pair[1]));
    String[] where = words.getFirst().split("[:/]", -1);
    String service = serviceOf(name);
    ObjectKey key = key(service);
    ports.put(
        name,
        new ServicePort(
            new ServicePortName(key.namespace(), key.name(), portOf(name)),
            Protocol.of(where[2].toUpperCase(java.util.Locale.ROOT)),
            where[0],
            Integer.parseInt(where[1]),
            Integer.parseInt(options.getOrDefault("nodePort", "0")),
            list(options.get("externalIP")),
            list(options.get("loadBalancer")),
            list(options.get("source")),
            Integer.parseInt(options.getOrDefault("affinity", "0")),
            "Local".equals(options.get("internal")),
            "Local".equals(options.get("external"))));
    put(service);
  }

  private void endpoints(String name, String rest) {
    List<Endpoint> all = new ArrayList<>();
    for (String part : rest.split(";", -1)) {
      if (!part.isBlank()) {
        List<String> words = List.of(part.strip().split(" "));
        String[] target = words.getFirst().split(":", -1);
        boolean draining = words.contains("draining");
        boolean ready = !draining && !words.contains("unready");
        all.add(
            new Endpoint(
                target[0],
                Integer.parseInt(target[1]),
                words.contains("local"),
                ready,
                ready || draining,
                draining));
      }
    }
    endpoints.put(name, all);
    put(serviceOf(name));
  }

  private void put(String service) {
    List<PortState> states = new ArrayList<>();
    ports.forEach((name, port) -> {
      if (serviceOf(name).equals(service)) {
        states.add(new PortState(port, endpoints.getOrDefault(name, List.of())));
      }
    });
    book.put(key(service), states);
  }

  private static List<String> list(@org.jspecify.annotations.Nullable String text) {
    return text == null ? List.of() : List.of(text.split(",", -1));
  }

  private static String serviceOf(String port) {
    int colon = port.indexOf(':');
    return colon < 0 ? port : port.substring(0, colon);
  }

  private static String portOf(String port) {
    int colon = port.indexOf(':');
    return colon < 0 ? "" : port.substring(colon + 1);
  }

  private static ObjectKey key(String service) {
    String[] parts = service.split("/", -1);
    return new ObjectKey(parts[0], parts[1]);
  }
}
