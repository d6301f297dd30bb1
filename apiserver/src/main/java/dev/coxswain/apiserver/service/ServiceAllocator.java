package dev.coxswain.apiserver.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.runtime.time.Randomness;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives Services their cluster addresses and node ports. What a Service holds is a key of its own
 * in the store, written in the Service's transaction, so that two Services never get the same,
 * whichever API servers they came by, and nothing is lost when one dies in between.
 */
public final class ServiceAllocator implements Companions {
  private static final GroupResource SERVICES = new GroupResource("", "services");
  private static final String ADDRESSES = "/coxswain/services/addresses/";
  private static final String PORTS = "/coxswain/services/ports/";
  private static final String NONE = "None";

  private final AddressRange addresses;
  private final PortRange ports;
  private final Randomness randomness;

  /** Gives out of these ranges. */
  public ServiceAllocator(AddressRange addresses, PortRange ports, Randomness randomness) {
    this.addresses = addresses;
    this.ports = ports;
    this.randomness = randomness;
  }

  @Override
  public Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    return new ServicePlan(type, key, object, Set.of());
  }

  @Override
  public Plan update(
      ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    keepWhatWasGiven(object, old);
    return new ServicePlan(type, key, object, held(old));
  }

  @Override
  public Plan delete(ResourceType type, ObjectKey key, ObjectNode old) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    List<StoreWrite> writes = new ArrayList<>();
    held(old).forEach(name -> writes.add(new StoreWrite.Delete(name, StoreWrite.ANY)));
    return () -> writes;
  }

  /** An update that says nothing of addresses and ports keeps those that the Service has. */
  private static void keepWhatWasGiven(ObjectNode object, ObjectNode old) {
    ObjectNode spec = Json.ensureObject(object, "spec");
    JsonNode before = old.path("spec");
    if (wantsAddress(spec) && wantsAddress(before)) {
      if (Json.text(spec, "clusterIP").isEmpty() && before.has("clusterIP")) {
        spec.set("clusterIP", before.path("clusterIP"));
      }
      if (!spec.has("clusterIPs") && before.has("clusterIPs")) {
        spec.set("clusterIPs", before.path("clusterIPs"));
      }
    }
    if (wantsPorts(spec) && wantsPorts(before)) {
      for (JsonNode port : spec.path("ports")) {
        for (JsonNode other : before.path("ports")) {
          boolean same =
              port.path("port").asInt(0) == other.path("port").asInt(0)
                  && Json.text(port, "protocol").equals(Json.text(other, "protocol"));
          if (same && nodePort(port) == 0 && nodePort(other) != 0) {
            ((ObjectNode) port).put("nodePort", nodePort(other));
          }
        }
      }
    }
    if (!wantsPorts(spec) && wantsPorts(before)) {
      // A Service that stops being a NodePort gives the ports back, though the client repeats them.
      for (JsonNode port : spec.path("ports")) {
        ((ObjectNode) port).remove("nodePort");
      }
    }
  }

  private static boolean wantsAddress(JsonNode spec) {
    return !Json.text(spec, "type").equals("ExternalName");
  }

  private static boolean wantsPorts(JsonNode spec) {
    return switch (Json.text(spec, "type")) {
      case "NodePort" -> true;
      case "LoadBalancer" ->
          !spec.has("allocateLoadBalancerNodePorts")
              || Json.flag(spec, "allocateLoadBalancerNodePorts");
      default -> false;
    };
  }

  private static int nodePort(JsonNode port) {
    return port.path("nodePort").asInt(0);
  }

  /** The keys of what a Service holds. */
  private static Set<String> held(ObjectNode service) {
    Set<String> keys = new LinkedHashSet<>();
    JsonNode spec = service.path("spec");
    String address = Json.text(spec, "clusterIP");
    if (wantsAddress(spec) && !address.isEmpty() && !address.equals(NONE)) {
      keys.add(ADDRESSES + address);
    }
    for (JsonNode port : spec.path("ports")) {
      if (nodePort(port) != 0) {
        keys.add(portKey(port, nodePort(port)));
      }
    }
    return keys;
  }

  private static String portKey(JsonNode port, int number) {
    String protocol = Json.text(port, "protocol");
    return PORTS + (protocol.isEmpty() ? "TCP" : protocol) + "/" + number;
  }

  /** What one write of one Service takes and gives back. */
  private final class ServicePlan implements Plan {
    private final ResourceType type;
    private final ObjectKey key;
    private final Set<String> chosen = new HashSet<>();
    private final List<StoreWrite> writes = new ArrayList<>();

    ServicePlan(ResourceType type, ObjectKey key, ObjectNode object, Set<String> before) {
      this.type = type;
      this.key = key;
      ObjectNode spec = Json.ensureObject(object, "spec");
      address(spec);
      ports(spec);
      Set<String> after = held(object);
      byte[] owner = key.toString().getBytes(StandardCharsets.UTF_8);
      for (String name : after) {
        if (!before.contains(name)) {
          writes.add(new StoreWrite.Put(name, StoreWrite.ABSENT, owner, 0));
        }
      }
      for (String name : before) {
        if (!after.contains(name)) {
          writes.add(new StoreWrite.Delete(name, StoreWrite.ANY));
        }
      }
    }

    private void address(ObjectNode spec) {
      if (!wantsAddress(spec)) {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
        return;
      }
      String address = Json.text(spec, "clusterIP");
      if (address.isEmpty() && spec.path("clusterIPs").isArray()) {
        address = spec.path("clusterIPs").path(0).asString("");
      }
      if (address.isEmpty()) {
        address = freeAddress();
      } else if (!address.equals(NONE) && !addresses.usable(address)) {
        throw invalid(
            FieldError.invalid(
                "spec.clusterIPs",
                List.of("\"" + address + "\""),
                "failed to allocate IP "
                    + address
                    + ": the provided IP ("
                    + address
                    + ") is not in the valid range. The range of valid IPs is "
                    + range()));
      }
      spec.put("clusterIP", address);
      ArrayNode all = spec.putArray("clusterIPs");
      all.add(address);
    }

    private String range() {
      int bits = 32 - Long.numberOfTrailingZeros(addresses.size());
      return addresses.at(0) + "/" + bits;
    }

    private String freeAddress() {
      // The upper part first, so that those who ask for a certain address find it free.
      long lowest = addresses.reserved();
      String address = addresses.at(lowest + randomness.below(addresses.size() - 1 - lowest));
      chosen.add(ADDRESSES + address);
      return address;
    }

    private void ports(ObjectNode spec) {
      boolean wanted = wantsPorts(spec);
      int number = 0;
      Set<String> mine = new HashSet<>();
      for (JsonNode port : spec.path("ports")) {
        int given = nodePort(port);
        if (given != 0 && !ports.contains(given)) {
          throw invalid(
              FieldError.invalid(
                  "spec.ports[" + number + "].nodePort",
                  given,
                  "provided port is not in the valid range. The range of valid ports is "
                      + ports.first()
                      + "-"
                      + ports.last()));
        }
        if (given == 0 && wanted) {
          int free;
          do {
            free = ports.first() + (int) randomness.below(ports.size());
          } while (!mine.add(portKey(port, free)));
          ((ObjectNode) port).put("nodePort", free);
          chosen.add(portKey(port, free));
        }
        number++;
      }
    }

    private ApiException invalid(FieldError error) {
      return new ApiException(InvalidObject.status(type.kind(), key.name(), List.of(error)));
    }

    @Override
    public List<StoreWrite> writes() {
      return writes;
    }

    @Override
    public void conflict(ObjectNode object, Set<String> taken) {
      ObjectNode spec = Json.ensureObject(object, "spec");
      for (String name : taken) {
        if (!chosen.contains(name)) {
          throw invalid(alreadyTaken(name, spec));
        }
        if (name.startsWith(ADDRESSES)) {
          spec.remove("clusterIP");
          spec.remove("clusterIPs");
        } else {
          for (JsonNode port : spec.path("ports")) {
            if (portKey(port, nodePort(port)).equals(name)) {
              ((ObjectNode) port).remove("nodePort");
            }
          }
        }
      }
    }

    private FieldError alreadyTaken(String name, ObjectNode spec) {
      if (name.startsWith(ADDRESSES)) {
        String address = name.substring(ADDRESSES.length());
        return FieldError.invalid(
            "spec.clusterIPs",
            List.of("\"" + address + "\""),
            "failed to allocate IP " + address + ": provided IP is already allocated");
      }
      int number = 0;
      for (JsonNode port : spec.path("ports")) {
        if (portKey(port, nodePort(port)).equals(name)) {
          break;
        }
        number++;
      }
      return FieldError.invalid(
          "spec.ports[" + number + "].nodePort",
          Integer.parseInt(name.substring(name.lastIndexOf('/') + 1)),
          "provided port is already allocated");
    }

    @Override
    public ApiException failure() {
      return invalid(
          FieldError.invalid(
              "spec.clusterIPs", List.of(), "failed to allocate: the range is as good as full"));
    }
  }
}
