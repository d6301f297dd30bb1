package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.runtime.time.Randomness;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the system fills into {@code metadata}, and what it keeps of it. */
final class Metadata {
  /** How long a generated name may be before its random tail, in characters. */
  private static final int GENERATED_BASE = 58;

  private static final int GENERATED_TAIL = 5;

  /** Set by the system alone; a client's value is put aside. */
  private static final List<String> KEPT =
      List.of("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation");

  private static final List<String> SYSTEM =
      List.of(
          "name",
          "namespace",
          "uid",
          "resourceVersion",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generation",
          "selfLink",
          "managedFields");

  private Metadata() {}

  static ObjectNode of(ObjectNode object) {
    return Json.ensureObject(object, "metadata");
  }

  static ObjectKey key(ObjectNode object) {
    return new ObjectKey(
        Json.text(object, "metadata", "namespace"), Json.text(object, "metadata", "name"));
  }

  /** Times are written to the second. */
  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Makes the namespace of the URL the object's, which must not name another. */
  static void setNamespace(ResourceType type, ObjectNode object, String namespace) {
    ObjectNode metadata = of(object);
    String given = Json.text(metadata, "namespace");
    if (!type.namespaced()) {
      metadata.remove("namespace");
      return;
    }
    if (!given.isEmpty() && !given.equals(namespace)) {
      throw Failures.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    metadata.put("namespace", namespace);
  }

  /** Clears what a client may not set on a new object, and sets what the system does. */
  static void created(ObjectNode object, String uid, Instant now) {
    ObjectNode metadata = of(object);
    if (!Json.text(metadata, "resourceVersion").isEmpty()) {
      throw Failures.badRequest("resourceVersion should not be set on objects to be created");
    }
    metadata.remove("resourceVersion");
    metadata.remove("deletionTimestamp");
    metadata.remove("deletionGracePeriodSeconds");
    metadata.remove("selfLink");
    metadata.remove("generation");
    metadata.put("uid", uid);
    metadata.put("creationTimestamp", time(now));
  }

  /** Names an object that asks for it; says whether it did. */
  static boolean generateName(ObjectNode object, Randomness randomness) {
    ObjectNode metadata = of(object);
    String base = Json.text(metadata, "generateName");
    if (base.isEmpty() || !Json.text(metadata, "name").isEmpty()) {
      return false;
    }
    String head = base.length() > GENERATED_BASE ? base.substring(0, GENERATED_BASE) : base;
    metadata.put("name", head + randomness.nameSuffix(GENERATED_TAIL));
    return true;
  }

  /** Checks that an update is about the object that it names, and carries over what it keeps. */
  static void updated(ResourceType type, ObjectNode object, ObjectNode old, ObjectKey key) {
    GroupResource resource = type.resource();
    ObjectNode metadata = of(object);
    ObjectNode before = of(old);
    String name = Json.text(metadata, "name");
    if (name.isEmpty()) {
      metadata.put("name", key.name());
    } else if (!name.equals(key.name())) {
      throw otherName(name, key);
    }
    setNamespace(type, object, key.namespace());
    String uid = Json.text(metadata, "uid");
    String stored = Json.text(before, "uid");
    if (!uid.isEmpty() && !uid.equals(stored)) {
      throw Failures.conflict(
          resource,
          key.name(),
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + stored);
    }
    carry(before, metadata, "uid");
    for (String field : KEPT) {
      carry(before, metadata, field);
    }
    metadata.remove("selfLink");
  }

  /** What nobody but the system says of an object, as it stands before others change it. */
  static ObjectNode system(ObjectNode object) {
    ObjectNode system = Json.object();
    for (String field : SYSTEM) {
      carry(of(object), system, field);
    }
    return system;
  }

  /** Puts back what {@link #system} took down. */
  static void restore(ObjectNode object, ObjectNode system) {
    for (String field : SYSTEM) {
      carry(system, of(object), field);
    }
  }

  static ApiException otherName(String name, ObjectKey key) {
    return Failures.badRequest(
        "the name of the object ("
            + name
            + ") does not match the name on the URL ("
            + key.name()
            + ")");
  }

  private static void carry(ObjectNode from, ObjectNode to, String field) {
    JsonNode value = from.get(field);
    if (value == null || value.isNull()) {
      to.remove(field);
    } else {
      to.set(field, value);
    }
  }

  /**
   * Lets each owner stand once: a client that adds one without looking would make the list grow.
   *
   * @param when at which point of a request, for who is told
   */
  static void dedupOwners(ObjectNode object, String when, List<String> warnings) {
    Set<JsonNode> kept = new LinkedHashSet<>();
    List<String> repeated = new ArrayList<>();
    for (JsonNode owner : of(object).path("ownerReferences")) {
      if (!kept.add(owner)) {
        repeated.add(Json.text(owner, "uid"));
      }
    }
    if (!repeated.isEmpty()) {
      of(object).putArray("ownerReferences").addAll(kept);
      warnings.add(
          ".metadata.ownerReferences contains duplicate entries"
              + when
              + "; API server dedups owner references in 1.20+, and may reject such requests as"
              + " early as 1.24; please fix your requests; duplicate UID(s) observed: "
              + String.join(", ", repeated));
    }
  }

  static boolean deleting(ObjectNode object) {
    return !Json.text(object, "metadata", "deletionTimestamp").isEmpty();
  }

  static boolean hasFinalizers(ObjectNode object) {
    return !Json.at(object, "metadata", "finalizers").isEmpty();
  }
}
