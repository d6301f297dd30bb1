package dev.coxswain.apiserver.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoredValue;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The IPAddress by which a Service holds its address: its name is the address. */
final class AddressObject {
  static final GroupResource RESOURCE = new GroupResource("networking.k8s.io", "ipaddresses");

  /** What the store keys of all of them begin with. */
  static final String PREFIX = StoreKeys.prefix(RESOURCE);

  private AddressObject() {}

  /** Where the IPAddress of an address is stored. */
  static String key(String address) {
    return PREFIX + address;
  }

  /** The IPAddress as it is stored for a Service that takes the address. */
  static byte[] forService(String address, ObjectKey service, String uid, Instant now) {
    ObjectNode object =
        Json.object().put("apiVersion", "networking.k8s.io/v1").put("kind", "IPAddress");
    ObjectNode metadata =
        object
            .putObject("metadata")
            .put("name", address)
            .put("uid", uid)
            .put("creationTimestamp", now.truncatedTo(ChronoUnit.SECONDS).toString())
            .put("generation", 1);
    metadata
        .putObject("labels")
        .put("ipaddress.kubernetes.io/ip-family", "IPv4")
        .put("ipaddress.kubernetes.io/managed-by", "ipallocator");
    object
        .putObject("spec")
        .putObject("parentRef")
        .put("resource", "services")
        .put("namespace", service.namespace())
        .put("name", service.name());
    return Json.bytes(object);
  }

  /** Whether an IPAddress belongs to a Service. */
  static boolean belongsTo(StoredValue stored, ObjectKey service) {
    JsonNode parent = Json.at(Json.parseObject(stored.bytes()), "spec", "parentRef");
    return Json.text(parent, "group").isEmpty()
        && Json.text(parent, "resource").equals("services")
        && Json.text(parent, "namespace").equals(service.namespace())
        && Json.text(parent, "name").equals(service.name());
  }
}
