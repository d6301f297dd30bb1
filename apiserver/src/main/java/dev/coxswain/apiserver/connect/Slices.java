package dev.coxswain.apiserver.connect;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.SelectableFields;
import dev.coxswain.apiserver.watch.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The EndpointSlices of a Service, which say what stands behind it. */
public final class Slices {
  /** The slices. */
  public static final GroupResource RESOURCE =
      new GroupResource("discovery.k8s.io", "endpointslices");

  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private Slices() {}

  /**
   * One that a Service's requests may go to.
   *
   * @param endpoint the endpoint, as its slice has it
   * @param port the port there
   */
  public record Backend(JsonNode endpoint, int port) {
    /** Its address; of several, which are the same pod's, the first. */
    String address() {
      return endpoint.path("addresses").path(0).asString("");
    }
  }

  /** All slices of a Service, whoever made them. */
  public static Selection of(String namespace, String service) {
    return new Selection(
        namespace,
        "",
        LabelSelector.ofLabels(Map.of(SERVICE_NAME, service)),
        FieldSelector.EVERYTHING,
        SelectableFields.metadata());
  }

  /** The backends in a slice that are ready, by the port of this name. */
  public static List<Backend> ready(ObjectNode slice, String portName) {
    List<Backend> ready = new ArrayList<>();
    if (Json.text(slice, "addressType").equals("FQDN")) {
      // Names lead wherever their owner likes; no other reader of slices takes them either.
      return ready;
    }
    for (JsonNode port : slice.path("ports")) {
      if (port.path("port").isNumber() && Json.text(port, "name").equals(portName)) {
        for (JsonNode endpoint : slice.path("endpoints")) {
          if (ready(endpoint)) {
            ready.add(new Backend(endpoint, port.path("port").asInt()));
          }
        }
      }
    }
    return ready;
  }

  /** Who says nothing of it is ready. */
  private static boolean ready(JsonNode endpoint) {
    return !endpoint.path("conditions").path("ready").isBoolean()
        || Json.flag(endpoint, "conditions", "ready");
  }
}
