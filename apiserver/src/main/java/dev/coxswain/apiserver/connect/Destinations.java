package dev.coxswain.apiserver.connect;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.runtime.time.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds what the names in the paths of proxied requests stand for. */
public final class Destinations {
  private static final GroupResource PODS = new GroupResource("", "pods");
  private static final GroupResource SERVICES = new GroupResource("", "services");
  private static final GroupResource ENDPOINTS = new GroupResource("", "endpoints");

  private final ObjectReader reader;
  private final NodeTargets nodes;
  private final Randomness randomness;

  /** Looks them up here. */
  public Destinations(ObjectReader reader, NodeTargets nodes, Randomness randomness) {
    this.reader = reader;
    this.nodes = nodes;
    this.randomness = randomness;
  }

  /** Requests to pods. */
  public ProxyConnect pods(BackendClient client) {
    return new ProxyConnect(this::pod, client);
  }

  /** Requests to Services. */
  public ProxyConnect services(BackendClient client) {
    return new ProxyConnect(this::service, client);
  }

  /** Requests to nodes. */
  public ProxyConnect nodes(BackendClient client) {
    return new ProxyConnect(this::node, client);
  }

  private Optional<ObjectNode> find(GroupResource resource, String namespace, String name)
      throws InterruptedException {
    return reader.find(resource, new ObjectKey(namespace, name)).map(CachedObject::parse);
  }

  private Target pod(ObjectKey key, String uri) throws InterruptedException {
    SchemeNamePort wanted = SchemeNamePort.parse("pod", key.name());
    ObjectNode pod =
        find(PODS, key.namespace(), wanted.name())
            .orElseThrow(() -> Failures.notFound(PODS, wanted.name()));
    String address = ProxyConnect.proxyable(Json.text(pod, "status", "podIP"));
    String scheme = wanted.schemeOrPlain();
    return new Target(scheme, address, wanted.number(firstPort(pod, scheme)), false, uri);
  }

  /** The first port that a container declares; the scheme's own where none does. */
  private static int firstPort(ObjectNode pod, String scheme) {
    for (JsonNode container : Json.at(pod, "spec", "containers")) {
      for (JsonNode port : container.path("ports")) {
        return port.path("containerPort").asInt();
      }
    }
    return scheme.equals("https") ? 443 : 80;
  }

  private Target node(ObjectKey key, String uri) throws InterruptedException {
    SchemeNamePort wanted = SchemeNamePort.parse("node", key.name());
    Target kubelet = nodes.kubelet(wanted.name(), uri);
    int port = wanted.number(kubelet.port());
    return port == kubelet.port()
        ? kubelet
        : new Target(
            wanted.schemeOrPlain(), ProxyConnect.proxyable(kubelet.host()), port, false, uri);
  }

  private Target service(ObjectKey key, String uri) throws InterruptedException {
    SchemeNamePort wanted = SchemeNamePort.parse("service", key.name());
    ObjectNode service =
        find(SERVICES, key.namespace(), wanted.name())
            .orElseThrow(() -> Failures.notFound(SERVICES, wanted.name()));
    String port = portName(service, wanted);
    List<Backend> backends = new ArrayList<>();
    JsonNode subsets =
        find(ENDPOINTS, key.namespace(), wanted.name())
            .map(endpoints -> endpoints.path("subsets"))
            .orElseGet(Json::array);
    for (JsonNode subset : subsets) {
      for (JsonNode offered : subset.path("ports")) {
        if (Json.text(offered, "name").equals(port)) {
          subset
              .path("addresses")
              .forEach(address -> backends.add(new Backend(address, offered.path("port").asInt())));
        }
      }
    }
    while (!backends.isEmpty()) {
      Backend backend = backends.remove((int) randomness.below(backends.size()));
      String address = Json.text(backend.address, "ip");
      if (isPod(backend.address, key.namespace(), address)) {
        return new Target(
            wanted.schemeOrPlain(), ProxyConnect.proxyable(address), backend.port, false, uri);
      }
    }
    throw new ApiException(
        StatusReason.SERVICE_UNAVAILABLE,
        "no endpoints available for service \"" + key.name() + "\"");
  }

  /**
   * An address that a Service's requests may go to.
   *
   * @param address the entry of the Endpoints object
   */
  private record Backend(JsonNode address, int port) {}

  /** The name of the port that is meant; a number stands for the port of that number. */
  private static String portName(ObjectNode service, SchemeNamePort wanted) {
    if (!wanted.port().chars().allMatch(Character::isDigit) || wanted.port().isEmpty()) {
      return wanted.port();
    }
    for (JsonNode port : Json.at(service, "spec", "ports")) {
      if (port.path("port").asString().equals(wanted.port())) {
        return Json.text(port, "name");
      }
    }
    throw new ApiException(
        StatusReason.SERVICE_UNAVAILABLE,
        "no service port " + wanted.port() + " found for service \"" + wanted.name() + "\"");
  }

  /** Who may write Endpoints must not reach whatever this server can: only pods' own addresses. */
  private boolean isPod(JsonNode entry, String namespace, String address)
      throws InterruptedException {
    JsonNode reference = entry.path("targetRef");
    if (!Json.text(reference, "kind").equals("Pod")
        || !Json.text(reference, "namespace").equals(namespace)) {
      return false;
    }
    Optional<ObjectNode> pod = find(PODS, namespace, Json.text(reference, "name"));
    if (pod.isEmpty()) {
      return false;
    }
    for (JsonNode own : Json.at(pod.get(), "status", "podIPs")) {
      if (Json.text(own, "ip").equals(address)) {
        return true;
      }
    }
    return false;
  }
}
