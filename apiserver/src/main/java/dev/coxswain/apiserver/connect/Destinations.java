package dev.coxswain.apiserver.connect;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.verbs.ObjectReader;
import dev.coxswain.apiserver.watch.CachedObject;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds what the names in the paths of proxied requests stand for. */
public final class Destinations {
  private static final GroupResource PODS = new GroupResource("", "pods");

  private final ObjectReader reader;
  private final NodeTargets nodes;
  private final ServiceAddresses services;

  /** Looks them up here. */
  public Destinations(ObjectReader reader, NodeTargets nodes, ServiceAddresses services) {
    this.reader = reader;
    this.nodes = nodes;
    this.services = services;
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
    return new Target(
        scheme, address, wanted.number(firstPort(pod, scheme)), new Peer.Anyone(), uri);
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
            wanted.schemeOrPlain(),
            ProxyConnect.proxyable(kubelet.host()),
            port,
            new Peer.Anyone(),
            uri);
  }

  private Target service(ObjectKey key, String uri) throws InterruptedException {
    SchemeNamePort wanted = SchemeNamePort.parse("service", key.name());
    ObjectNode service = services.service(key.namespace(), wanted.name());
    List<Slices.Backend> backends =
        services.backends(key.namespace(), wanted.name(), portName(service, wanted));
    for (Slices.Backend backend : backends) {
      String address = backend.address();
      if (isPod(backend.endpoint(), key.namespace(), address)) {
        return new Target(
            wanted.schemeOrPlain(),
            ProxyConnect.proxyable(address),
            backend.port(),
            new Peer.Anyone(),
            uri);
      }
    }
    throw ServiceAddresses.noEndpoints(key.name());
  }

  /** The name of the port that is meant; a number stands for the port of that number. */
  private static String portName(ObjectNode service, SchemeNamePort wanted) {
    boolean number = !wanted.port().isEmpty() && wanted.port().chars().allMatch(Character::isDigit);
    return number ? ServiceAddresses.portName(service, wanted.port()) : wanted.port();
  }

  /** Who may write slices must not reach whatever this server can: only pods' own addresses. */
  private boolean isPod(JsonNode endpoint, String namespace, String address)
      throws InterruptedException {
    JsonNode reference = endpoint.path("targetRef");
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
