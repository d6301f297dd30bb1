package dev.coxswain.apiserver.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.kinds.service.ServiceStrategy;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.service.AddressChoice.Chosen;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives Services their cluster addresses and node ports. What a Service holds is a key of its own
 * in the store, an IPAddress object for an address, written in the Service's transaction, so that
 * two Services never get the same, whichever API servers they came by, and nothing is lost when one
 * dies in between. The range that an address is of must be at the revision at which it was found
 * ready: nothing is given out of one whose deletion has begun.
 */
public final class ServiceAllocator implements Companions {
  private static final GroupResource SERVICES = new GroupResource("", "services");
  private static final String PORTS = "/coxswain/services/ports/";
  private static final String NONE = "None";
  private static final String HEALTH = "healthCheckNodePort";

  /**
   * How often a port of a Service is tried to be given the number that another one of its protocols
   * has; then it gets one of its own.
   */
  private static final int SHARING_ATTEMPTS = 8;

  private final AddressBook book;
  private final PortRange ports;
  private final Time time;
  private final Randomness randomness;

  /** Gives out of the ranges in the book, and these ports. */
  public ServiceAllocator(AddressBook book, PortRange ports, Time time, Randomness randomness) {
    this.book = book;
    this.ports = ports;
    this.time = time;
    this.randomness = randomness;
  }

  @Override
  public Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    return new ServicePlan(type, key, object, Set.of(), attempt);
  }

  @Override
  public Plan update(
      ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    keepWhatWasGiven(object, old);
    return new ServicePlan(type, key, object, held(old), attempt);
  }

  @Override
  public Plan delete(ResourceType type, ObjectKey key, ObjectNode old) {
    if (!type.resource().equals(SERVICES)) {
      return Plan.NOTHING;
    }
    List<StoreWrite> writes = new ArrayList<>();
    held(old).forEach(name -> release(name, key, writes));
    return () -> writes;
  }

  /** Gives a key back; an IPAddress only where it is the Service's own. */
  private void release(String name, ObjectKey service, List<StoreWrite> writes) {
    if (name.startsWith(PORTS)) {
      writes.add(new StoreWrite.Delete(name, StoreWrite.ANY));
      return;
    }
    book.stored(name.substring(AddressObject.PREFIX.length()))
        .filter(stored -> AddressObject.belongsTo(stored, service))
        .ifPresent(stored -> writes.add(new StoreWrite.Delete(name, stored.revision())));
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
      keepPorts(spec, before);
    }
    if (ServiceStrategy.needsHealthCheck(spec)
        && ServiceStrategy.needsHealthCheck(before)
        && healthPort(spec) == 0
        && healthPort(before) != 0) {
      spec.put(HEALTH, healthPort(before));
    }
    if (!wantsPorts(spec) && wantsPorts(before)) {
      // A Service that stops being a NodePort gives the ports back, though the client repeats them.
      for (JsonNode port : spec.path("ports")) {
        ((ObjectNode) port).remove("nodePort");
      }
    }
  }

  /** A port keeps its node's by its name, whatever else of it changes. */
  private static void keepPorts(ObjectNode spec, JsonNode before) {
    Map<String, Integer> had = new HashMap<>();
    before.path("ports").forEach(port -> had.put(Json.text(port, "name"), nodePort(port)));
    Set<Integer> used = new HashSet<>();
    spec.path("ports").forEach(port -> used.add(nodePort(port)));
    for (JsonNode port : spec.path("ports")) {
      int known = had.getOrDefault(Json.text(port, "name"), 0);
      if (nodePort(port) == 0 && known != 0 && !used.contains(known)) {
        ((ObjectNode) port).put("nodePort", known);
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

  private static int healthPort(JsonNode spec) {
    return spec.path(HEALTH).asInt(0);
  }

  private static String healthKey(int number) {
    return PORTS + "TCP/" + number;
  }

  /** The keys of what a Service holds. */
  private static Set<String> held(ObjectNode service) {
    Set<String> keys = new LinkedHashSet<>();
    JsonNode spec = service.path("spec");
    String address = Json.text(spec, "clusterIP");
    if (wantsAddress(spec) && !address.isEmpty() && !address.equals(NONE)) {
      keys.add(AddressObject.key(address));
    }
    for (JsonNode port : spec.path("ports")) {
      if (nodePort(port) != 0) {
        keys.add(portKey(port, nodePort(port)));
      }
    }
    if (healthPort(spec) != 0) {
      keys.add(healthKey(healthPort(spec)));
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
    private final Set<String> wanted;
    private final List<StoreWrite> writes = new ArrayList<>();

    ServicePlan(
        ResourceType type, ObjectKey key, ObjectNode object, Set<String> before, int attempt) {
      this.type = type;
      this.key = key;
      if (attempt > 1) {
        // Somebody was faster: what he took, or which range went away, must be seen.
        book.catchUp();
      }
      ObjectNode spec = Json.ensureObject(object, "spec");
      address(spec, before);
      ports(spec, attempt <= SHARING_ATTEMPTS);
      wanted = held(object);
      for (String name : wanted) {
        if (!before.contains(name)) {
          writes.add(new StoreWrite.Put(name, StoreWrite.ABSENT, value(name), 0));
        }
      }
      for (String name : before) {
        if (!wanted.contains(name)) {
          release(name, key, writes);
        }
      }
    }

    /** What is stored under a key that the Service takes. */
    private byte[] value(String name) {
      return name.startsWith(PORTS)
          ? key.toString().getBytes(StandardCharsets.UTF_8)
          : AddressObject.forService(
              name.substring(AddressObject.PREFIX.length()), key, randomness.uuid(), time.now());
    }

    private void address(ObjectNode spec, Set<String> before) {
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
        Chosen free = choice().free().orElseThrow(ServiceAllocator::full);
        address = free.address();
        chosen.add(AddressObject.key(address));
        writes.add(new StoreWrite.Check(free.offer().key(), free.offer().revision()));
      } else if (!address.equals(NONE) && !before.contains(AddressObject.key(address))) {
        AddressBook.Offer offer = containing(address);
        writes.add(new StoreWrite.Check(offer.key(), offer.revision()));
      }
      spec.put("clusterIP", address);
      ArrayNode all = spec.putArray("clusterIPs");
      all.add(address);
    }

    private AddressBook.Offer containing(String address) {
      try {
        return choice().containing(address);
      } catch (AddressChoice.OutsideException outside) {
        throw invalid(notAllocated(address, String.valueOf(outside.getMessage())));
      }
    }

    private void ports(ObjectNode spec, boolean sharing) {
      boolean wanted = wantsPorts(spec);
      int number = 0;
      Set<String> mine = new HashSet<>();
      for (JsonNode port : spec.path("ports")) {
        int given = nodePort(port);
        inRange(given, "spec.ports[" + number + "].nodePort");
        if (given != 0) {
          mine.add(portKey(port, given));
        }
        if (given == 0 && wanted) {
          int free = sharing ? ofAnotherProtocol(port, spec.path("ports")) : 0;
          if (free == 0 || !mine.add(portKey(port, free))) {
            free = unused(candidate -> portKey(port, candidate), mine);
          }
          ((ObjectNode) port).put("nodePort", free);
          chosen.add(portKey(port, free));
        }
        number++;
      }
      inRange(healthPort(spec), "spec." + HEALTH);
      if (healthPort(spec) == 0 && ServiceStrategy.needsHealthCheck(spec)) {
        int free = unused(ServiceAllocator::healthKey, mine);
        spec.put(HEALTH, free);
        chosen.add(healthKey(free));
      }
    }

    /** A random port that the Service does not take already, and takes now. */
    private int unused(IntFunction<String> key, Set<String> mine) {
      long start = randomness.below(ports.size());
      for (int step = 0; step < ports.size(); step++) {
        int candidate = ports.first() + (int) ((start + step) % ports.size());
        if (mine.add(key.apply(candidate))) {
          return candidate;
        }
      }
      throw new ApiException(
          StatusReason.INTERNAL_ERROR,
          "Internal error occurred: failed to allocate a nodePort: range is full");
    }

    /** The node's port of one with the same number; 0 where there is none. */
    private static int ofAnotherProtocol(JsonNode port, JsonNode ports) {
      for (JsonNode other : ports) {
        if (nodePort(other) != 0
            && other.path("port").asInt(0) == port.path("port").asInt(0)
            && !Json.text(other, "protocol").equals(Json.text(port, "protocol"))) {
          return nodePort(other);
        }
      }
      return 0;
    }

    private void inRange(int given, String field) {
      if (given != 0 && !ports.contains(given)) {
        throw invalid(
            FieldError.invalid(
                field,
                given,
                "provided port is not in the valid range. The range of valid ports is "
                    + ports.first()
                    + "-"
                    + ports.last()));
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
        if (wanted.contains(name) && !chosen.contains(name)) {
          throw invalid(alreadyTaken(name, spec));
        }
      }
      // Chosen anew altogether, also where only a range or what others store with it changed.
      if (chosen.contains(AddressObject.key(Json.text(spec, "clusterIP")))) {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
      }
      for (JsonNode port : spec.path("ports")) {
        if (chosen.contains(portKey(port, nodePort(port)))) {
          ((ObjectNode) port).remove("nodePort");
        }
      }
      if (chosen.contains(healthKey(healthPort(spec)))) {
        spec.remove(HEALTH);
      }
    }

    private FieldError alreadyTaken(String name, ObjectNode spec) {
      if (name.startsWith(AddressObject.PREFIX)) {
        return notAllocated(
            name.substring(AddressObject.PREFIX.length()), "provided IP is already allocated");
      }
      int number = 0;
      for (JsonNode port : spec.path("ports")) {
        if (portKey(port, nodePort(port)).equals(name)) {
          break;
        }
        number++;
      }
      return FieldError.invalid(
          number < spec.path("ports").size()
              ? "spec.ports[" + number + "].nodePort"
              : "spec." + HEALTH,
          Integer.parseInt(name.substring(name.lastIndexOf('/') + 1)),
          "provided port is already allocated");
    }

    @Override
    public ApiException failure() {
      return full();
    }
  }

  private AddressChoice choice() {
    return new AddressChoice(book, randomness);
  }

  private static FieldError notAllocated(String address, String why) {
    return FieldError.invalid(
        "spec.clusterIPs",
        List.of("\"" + address + "\""),
        "failed to allocate IP " + address + ": " + why);
  }

  private static ApiException full() {
    return new ApiException(
        StatusReason.INTERNAL_ERROR,
        "Internal error occurred: failed to allocate a serviceIP: range is full");
  }
}
