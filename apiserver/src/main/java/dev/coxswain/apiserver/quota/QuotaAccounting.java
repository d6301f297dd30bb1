package dev.coxswain.apiserver.quota;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.quota.PodRequests;
import dev.coxswain.api.quota.QuotaScopes;
import dev.coxswain.api.quota.QuotaUsage;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.verbs.Companions;
import dev.coxswain.runtime.time.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds objects to their namespace's ResourceQuotas. What an object uses is added to the quotas'
 * status in the transaction that stores the object, so that no two writes, of whatever server, get
 * the same remainder, and a write that fails uses nothing. What is given back is left to the
 * controller, which sees when a thing has really gone.
 */
public final class QuotaAccounting implements Companions {
  static final GroupResource QUOTAS = new GroupResource("", "resourcequotas");

  /** What containers must speak of where it is limited. */
  private static final List<String> EXPLICIT =
      List.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  private final NamespaceObjects namespaces;
  private final Store store;
  private final Time time;

  /** Accounts for what is stored here. */
  public QuotaAccounting(NamespaceObjects namespaces, Store store, Time time) {
    this.namespaces = namespaces;
    this.store = store;
    this.time = time;
  }

  @Override
  public Plan create(ResourceType type, ObjectKey key, ObjectNode object, int attempt) {
    return plan(type, key, object, null, attempt);
  }

  @Override
  public Plan update(
      ResourceType type, ObjectKey key, ObjectNode object, ObjectNode old, int attempt) {
    return plan(type, key, object, old, attempt);
  }

  @Override
  public Plan delete(ResourceType type, ObjectKey key, ObjectNode old) {
    return Plan.NOTHING;
  }

  private Plan plan(
      ResourceType type, ObjectKey key, ObjectNode object, @Nullable ObjectNode old, int attempt) {
    if (key.namespace().isEmpty()) {
      return Plan.NOTHING;
    }
    if (type.resource().equals(QUOTAS) && old != null) {
      recount(key, object, old);
      return Plan.NOTHING;
    }
    List<StoreWrite> writes = new ArrayList<>();
    for (StoredValue quota : namespaces.quotas(key.namespace())) {
      charged(quota, type, key, object, old, attempt).ifPresent(writes::add);
    }
    return new Charge(writes);
  }

  /**
   * Whoever counts what is used, counts what it has seen; an object that was stored a moment ago
   * may not be among that, and its use must not be given out twice. Here it is seen: every such
   * object changed the quota with it, and this change fails where one came in between.
   */
  private void recount(ObjectKey key, ObjectNode quota, ObjectNode old) {
    ObjectNode used = Json.objectAt(quota, "status", "used");
    if (used == null || Json.same(used, Json.at(old, "status", "used"))) {
      return;
    }
    long revision = Long.parseLong(Json.text(old, "metadata", "resourceVersion"));
    QuotaScopes scopes = QuotaScopes.of(quota.path("spec"));
    Map<String, Quantity> there = new TreeMap<>();
    for (GroupResource resource : namespaces.resources()) {
      List<String> names =
          used.propertyNames().stream().filter(n -> QuotaUsage.concerns(resource, n)).toList();
      if (!names.isEmpty()) {
        for (ObjectNode object : namespaces.objects(resource, key.namespace(), revision)) {
          if (scopes.match(resource, object)) {
            Map<String, Quantity> usage = QuotaUsage.of(resource, object, time.now());
            names.forEach(
                name -> there.merge(name, usage.getOrDefault(name, Quantity.ZERO), Quantity::add));
          }
        }
      }
    }
    there.forEach((name, amount) -> {
      if (amount.compareTo(quantity(used, name)) > 0) {
        used.put(name, amount.toString());
      }
    });
  }

  /** What is stored with the object. */
  private record Charge(List<StoreWrite> writes) implements Plan {
    @Override
    public ApiException failure() {
      String key = writes.getFirst().key();
      return Failures.modified(QUOTAS, key.substring(key.lastIndexOf('/') + 1));
    }
  }

  /**
   * The cache will do at first; whoever comes second to a quota, or is refused, needs the quota as
   * it is now.
   */
  private Optional<StoreWrite> charged(
      StoredValue quota,
      ResourceType type,
      ObjectKey key,
      ObjectNode object,
      @Nullable ObjectNode old,
      int attempt) {
    if (attempt == 1) {
      try {
        return charge(quota, type, key, object, old);
      } catch (ApiException refused) {
        // Asked again below.
      }
    }
    return store.get(quota.key()).flatMap(now -> charge(now, type, key, object, old));
  }

  /** The quota with what the object uses on top; empty where it is not about the object. */
  private Optional<StoreWrite> charge(
      StoredValue stored,
      ResourceType type,
      ObjectKey key,
      ObjectNode object,
      @Nullable ObjectNode old) {
    ObjectNode quota = Json.parseObject(stored.bytes());
    Json.ensureObject(quota, "metadata").remove("resourceVersion");
    GroupResource resource = type.resource();
    JsonNode hard = Json.at(quota, "status", "hard");
    List<String> names =
        hard.propertyNames().stream().filter(n -> QuotaUsage.concerns(resource, n)).toList();
    if (names.isEmpty() || !QuotaScopes.of(quota.path("spec")).match(resource, object)) {
      return Optional.empty();
    }
    String name = Json.text(quota, "metadata", "name");
    if (old == null) {
      requireExplicit(resource, key, object, name, names);
    }
    ObjectNode used = Json.ensureObject(quota, "status", "used");
    Map<String, Quantity> more = more(quota, resource, object, old, names);
    if (more.isEmpty()) {
      return Optional.empty();
    }
    List<String> unknown = more.keySet().stream().filter(n -> !used.has(n)).toList();
    if (!unknown.isEmpty()) {
      throw Failures.refused(
          resource,
          key.name(),
          "status unknown for quota: " + name + ", resources: " + String.join(",", unknown));
    }
    List<String> exceeded = new ArrayList<>();
    Map<String, Quantity> after = new TreeMap<>();
    more.forEach((what, amount) -> {
      Quantity sum = quantity(used, what).add(amount);
      after.put(what, sum);
      if (sum.compareTo(quantity(hard, what)) > 0) {
        exceeded.add(what);
      }
    });
    if (!exceeded.isEmpty()) {
      throw Failures.refused(
          resource,
          key.name(),
          "exceeded quota: "
              + name
              + ", requested: "
              + printed(exceeded, what -> more.getOrDefault(what, Quantity.ZERO).toString())
              + ", used: "
              + printed(exceeded, what -> Json.text(used, what))
              + ", limited: "
              + printed(exceeded, what -> Json.text(hard, what)));
    }
    after.forEach((what, amount) -> used.put(what, amount.toString()));
    return Optional.of(
        new StoreWrite.Put(
            StoreKeys.key(QUOTAS, new ObjectKey(key.namespace(), name)),
            stored.revision(),
            Json.bytes(quota),
            0));
  }

  private interface Printer {
    String of(String what);
  }

  private static String printed(List<String> names, Printer value) {
    return names.stream().map(what -> what + "=" + value.of(what)).collect(Collectors.joining(","));
  }

  private static Quantity quantity(JsonNode amounts, String name) {
    String text = Json.text(amounts, name);
    return text.isEmpty() ? Quantity.ZERO : Quantity.parse(text);
  }

  /** What the write uses beyond what the object used before; only what is more than nothing. */
  private Map<String, Quantity> more(
      ObjectNode quota,
      GroupResource resource,
      ObjectNode object,
      @Nullable ObjectNode old,
      List<String> names) {
    Map<String, Quantity> usage = QuotaUsage.of(resource, object, time.now());
    boolean counted = old != null && QuotaScopes.of(quota.path("spec")).match(resource, old);
    Map<String, Quantity> before =
        old != null && counted ? QuotaUsage.of(resource, old, time.now()) : Map.of();
    Map<String, Quantity> more = new TreeMap<>();
    for (String what : names) {
      Quantity amount =
          usage
              .getOrDefault(what, Quantity.ZERO)
              .subtract(before.getOrDefault(what, Quantity.ZERO));
      if (amount.signum() > 0) {
        more.put(what, amount);
      }
    }
    return more;
  }

  /**
   * Where cpu or memory is limited, every container must say how much of it it wants, unless the
   * pod says so for all of them.
   */
  private static void requireExplicit(
      GroupResource resource, ObjectKey key, ObjectNode pod, String quota, List<String> names) {
    if (!resource.equals(new GroupResource("", "pods")) || PodRequests.ofItsOwn(pod)) {
      return;
    }
    Map<String, List<String>> missing = new TreeMap<>();
    for (String name : names) {
      if (EXPLICIT.contains(name)) {
        for (String field : List.of("containers", "initContainers")) {
          for (JsonNode container : Json.at(pod, "spec", field)) {
            if (!says(container, name)) {
              missing
                  .computeIfAbsent(name, _ -> new ArrayList<>())
                  .add(Json.text(container, "name"));
            }
          }
        }
      }
    }
    if (!missing.isEmpty()) {
      throw Failures.refused(
          resource,
          key.name(),
          "failed quota: "
              + quota
              + ": must specify "
              + missing.entrySet().stream()
                  .map(entry ->
                      entry.getKey()
                          + " for: "
                          + entry.getValue().stream().sorted().collect(Collectors.joining(",")))
                  .collect(Collectors.joining("; ")));
    }
  }

  private static boolean says(JsonNode container, String name) {
    int dot = name.indexOf('.');
    String field = dot < 0 ? "requests" : name.substring(0, dot);
    return container.path("resources").path(field).has(name.substring(dot + 1));
  }
}
