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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds what stands behind Services. */
public final class ServiceAddresses {
  private static final GroupResource SERVICES = new GroupResource("", "services");

  private final ObjectReader reader;
  private final Randomness randomness;

  /** Looks them up here. */
  public ServiceAddresses(ObjectReader reader, Randomness randomness) {
    this.reader = reader;
    this.randomness = randomness;
  }

  /** A host, by name or address, and a port. */
  public record Address(String host, int port) {}

  /**
   * Where a Service's port can be reached now, one of its ready backends at random.
   *
   * @param port the Service's port
   * @throws ApiException where there is no such Service or port, or nothing is ready behind it
   */
  public Address one(String namespace, String name, int port) throws InterruptedException {
    ObjectNode service = service(namespace, name);
    if (Json.text(service, "spec", "type").equals("ExternalName")) {
      return new Address(Json.text(service, "spec", "externalName"), port);
    }
    String portName = portName(service, Integer.toString(port));
    for (Slices.Backend backend : backends(namespace, name, portName)) {
      return new Address(ProxyConnect.proxyable(backend.address()), backend.port());
    }
    throw noEndpoints(name);
  }

  /** The Service. */
  ObjectNode service(String namespace, String name) throws InterruptedException {
    return reader
        .find(SERVICES, new ObjectKey(namespace, name))
        .map(CachedObject::parse)
        .orElseThrow(() -> Failures.notFound(SERVICES, name));
  }

  /** The ready backends of a port, in no order. */
  List<Slices.Backend> backends(String namespace, String name, String portName)
      throws InterruptedException {
    List<Slices.Backend> ordered = new ArrayList<>();
    for (CachedObject slice : reader.find(Slices.RESOURCE, Slices.of(namespace, name))) {
      ordered.addAll(Slices.ready(slice.parse(), portName));
    }
    List<Slices.Backend> shuffled = new ArrayList<>();
    while (!ordered.isEmpty()) {
      shuffled.add(ordered.remove((int) randomness.below(ordered.size())));
    }
    return shuffled;
  }

  /** The name of a Service's port with a number. */
  static String portName(ObjectNode service, String number) {
    for (JsonNode port : Json.at(service, "spec", "ports")) {
      if (port.path("port").asString().equals(number)) {
        return Json.text(port, "name");
      }
    }
    throw new ApiException(
        StatusReason.SERVICE_UNAVAILABLE,
        "no service port "
            + number
            + " found for service \""
            + Json.text(service, "metadata", "name")
            + "\"");
  }

  static ApiException noEndpoints(String name) {
    return new ApiException(
        StatusReason.SERVICE_UNAVAILABLE, "no endpoints available for service \"" + name + "\"");
  }
}
