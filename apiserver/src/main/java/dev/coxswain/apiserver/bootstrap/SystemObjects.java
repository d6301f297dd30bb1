package dev.coxswain.apiserver.bootstrap;

import dev.coxswain.api.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects that every cluster has. */
public final class SystemObjects {
  /** The namespaces that cannot be done without. */
  static final List<String> NAMESPACES =
      List.of("default", "kube-system", "kube-public", "kube-node-lease");

  private SystemObjects() {}

  static ObjectNode object(String apiVersion, String kind, String namespace, String name) {
    ObjectNode object = Json.object().put("apiVersion", apiVersion).put("kind", kind);
    ObjectNode metadata = object.putObject("metadata").put("name", name);
    if (!namespace.isEmpty()) {
      metadata.put("namespace", namespace);
    }
    return object;
  }

  static ObjectNode namespace(String name) {
    return object("v1", "Namespace", "", name);
  }

  /** The two classes that system pods name; the values are upstream's. */
  static List<ObjectNode> priorityClasses() {
    ObjectNode node =
        object("scheduling.k8s.io/v1", "PriorityClass", "", "system-node-critical")
            .put("value", 2_000_001_000)
            .put("description", "For pods that a node cannot work without.");
    ObjectNode cluster =
        object("scheduling.k8s.io/v1", "PriorityClass", "", "system-cluster-critical")
            .put("value", 2_000_000_000)
            .put("description", "For pods that the cluster cannot work without.");
    return List.of(node, cluster);
  }

  /** The Service under which pods find the API servers. */
  static ObjectNode kubernetesService(String address, int port) {
    ObjectNode service = object("v1", "Service", "default", "kubernetes");
    labels(service, "component", "apiserver", "provider", "kubernetes");
    ObjectNode spec = service.putObject("spec");
    spec.put("type", "ClusterIP").put("clusterIP", address).put("sessionAffinity", "None");
    spec.putArray("ports")
        .addObject()
        .put("name", "https")
        .put("protocol", "TCP")
        .put("port", 443)
        .put("targetPort", port);
    return service;
  }

  /** The range that Services' addresses are of, as clients find it. */
  static ObjectNode serviceRange(String cidr) {
    ObjectNode range = object("networking.k8s.io/v1", "ServiceCIDR", "", "kubernetes");
    range.putObject("spec").putArray("cidrs").add(cidr);
    return range;
  }

  /** The Service's Endpoints: every API server that is alive. */
  static ObjectNode kubernetesEndpoints(List<String> addresses, int port) {
    ObjectNode endpoints = object("v1", "Endpoints", "default", "kubernetes");
    labels(endpoints, "endpointslice.kubernetes.io/skip-mirror", "true");
    ObjectNode subset = endpoints.putArray("subsets").addObject();
    var list = subset.putArray("addresses");
    addresses.forEach(address -> list.addObject().put("ip", address));
    subset
        .putArray("ports")
        .addObject()
        .put("name", "https")
        .put("port", port)
        .put("protocol", "TCP");
    return endpoints;
  }

  /** The same as a slice. */
  static ObjectNode kubernetesSlice(List<String> addresses, int port) {
    ObjectNode slice = object("discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes");
    labels(slice, "kubernetes.io/service-name", "kubernetes");
    slice.put("addressType", "IPv4");
    var list = slice.putArray("endpoints");
    for (String address : addresses) {
      ObjectNode endpoint = list.addObject();
      endpoint.putArray("addresses").add(address);
      endpoint.putObject("conditions").put("ready", true);
    }
    slice
        .putArray("ports")
        .addObject()
        .put("name", "https")
        .put("port", port)
        .put("protocol", "TCP");
    return slice;
  }

  /**
   * Tells aggregated servers which client certificates are good, and from whom they take it who
   * asks.
   *
   * @param clients PEM file with the CA of client certificates
   * @param proxies PEM file with the CA of who may tell who asks; null for none
   * @param names the common names of their certificates; empty for any
   * @throws UncheckedIOException where a file cannot be read
   */
  public static ObjectNode extensionAuthentication(
      Path clients, @Nullable Path proxies, List<String> names) {
    ObjectNode map = object("v1", "ConfigMap", "kube-system", "extension-apiserver-authentication");
    ObjectNode data = map.putObject("data");
    data.put("client-ca-file", text(clients));
    if (proxies != null) {
      data.put("requestheader-client-ca-file", text(proxies));
      data.put("requestheader-allowed-names", list(names));
      data.put("requestheader-username-headers", list(List.of("X-Remote-User")));
      data.put("requestheader-uid-headers", list(List.of("X-Remote-Uid")));
      data.put("requestheader-group-headers", list(List.of("X-Remote-Group")));
      data.put("requestheader-extra-headers-prefix", list(List.of("X-Remote-Extra-")));
    }
    return map;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String list(List<String> texts) {
    ArrayNode list = Json.array();
    texts.forEach(list::add);
    return list.toString();
  }

  static void labels(ObjectNode object, String... pairs) {
    ObjectNode labels = Json.ensureObject(object, "metadata", "labels");
    for (int i = 0; i < pairs.length; i += 2) {
      labels.put(pairs[i], pairs[i + 1]);
    }
  }
}
