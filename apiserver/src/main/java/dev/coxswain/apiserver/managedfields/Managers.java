package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The managers of one object. Each write works on a copy of its own. */
final class Managers {
  /** How many managers that update are kept apart; the oldest beyond that become one. */
  private static final int MAXIMUM_UPDATERS = 10;

  /** Whose fields those are that the oldest updaters owned. */
  private static final String ANCIENT = "ancient-changes";

  private final Map<Manager.Identity, Manager> byIdentity = new LinkedHashMap<>();

  /**
   * Reads {@code metadata.managedFields}.
   *
   * @return empty where it is absent or malformed
   */
  static Optional<Managers> read(JsonNode entries) {
    if (!entries.isArray()) {
      return Optional.empty();
    }
    Managers managers = new Managers();
    try {
      entries.forEach(entry -> managers.put(manager(entry)));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
    return Optional.of(managers);
  }

  private static Manager manager(JsonNode entry) {
    String operation = Json.text(entry, "operation");
    String apiVersion = Json.text(entry, "apiVersion");
    boolean known = operation.equals(Manager.APPLY) || operation.equals(Manager.UPDATE);
    if (!known || apiVersion.isEmpty() || !Json.text(entry, "fieldsType").equals("FieldsV1")) {
      throw new IllegalArgumentException("not an entry of managedFields");
    }
    JsonNode fields = entry.path("fieldsV1");
    return new Manager(
        Manager.Identity.of(
            Json.text(entry, "manager"), operation, apiVersion, Json.text(entry, "subresource")),
        apiVersion,
        Json.text(entry, "time"),
        fields.isMissingNode() ? FieldSet.EMPTY : FieldSet.parse(fields));
  }

  boolean isEmpty() {
    return byIdentity.isEmpty();
  }

  List<Manager> all() {
    return List.copyOf(byIdentity.values());
  }

  Optional<Manager> find(Manager.Identity identity) {
    return Optional.ofNullable(byIdentity.get(identity));
  }

  /** Puts a manager in; one that owns nothing goes. */
  void put(Manager manager) {
    if (manager.fields().isEmpty()) {
      byIdentity.remove(manager.identity());
    } else {
      byIdentity.put(manager.identity(), manager);
    }
  }

  void remove(Manager manager) {
    byIdentity.remove(manager.identity());
  }

  /** Makes one manager of each version's oldest updaters where there are too many. */
  void limit() {
    List<Manager> updaters = new ArrayList<>(all());
    updaters.removeIf(Manager::applied);
    updaters.sort(Comparator.comparing(Manager::time));
    int surplus = updaters.size() - MAXIMUM_UPDATERS;
    if (surplus <= 0) {
      return;
    }
    // What they become is one manager more for a version that had none.
    for (Manager oldest : updaters.subList(0, surplus + 1)) {
      remove(oldest);
      Manager.Identity identity =
          Manager.Identity.of(ANCIENT, Manager.UPDATE, oldest.apiVersion(), "");
      FieldSet before = find(identity).map(Manager::fields).orElse(FieldSet.EMPTY);
      put(new Manager(identity, oldest.apiVersion(), oldest.time(), before.union(oldest.fields())));
    }
  }

  /** As {@code metadata.managedFields}: appliers first, then by time and name. */
  ArrayNode write() {
    ArrayNode entries = Json.array();
    byIdentity.values().stream()
        .sorted(
            Comparator.comparing((Manager manager) -> manager.identity().operation())
                .thenComparing(Manager::time)
                .thenComparing(manager -> manager.identity().name())
                .thenComparing(Manager::apiVersion)
                .thenComparing(manager -> manager.identity().subresource()))
        .forEach(manager -> entries.add(entry(manager)));
    return entries;
  }

  private static ObjectNode entry(Manager manager) {
    ObjectNode entry = Json.object();
    Manager.Identity identity = manager.identity();
    if (!identity.name().isEmpty()) {
      entry.put("manager", identity.name());
    }
    entry.put("operation", identity.operation());
    entry.put("apiVersion", manager.apiVersion());
    if (!manager.time().isEmpty()) {
      entry.put("time", manager.time());
    }
    entry.put("fieldsType", "FieldsV1");
    entry.set("fieldsV1", manager.fields().toJson());
    if (!identity.subresource().isEmpty()) {
      entry.put("subresource", identity.subresource());
    }
    return entry;
  }
}
