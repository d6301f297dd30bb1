package dev.coxswain.runtime.client;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The objects of a {@link FakeApi} with the API's rules for changing them, and their history. */
final class FakeStore {
  private static final long DEFAULT_POD_GRACE_SECONDS = 30;

  private final Time time;
  private final Randomness random;
  private final Map<GroupResource, NavigableMap<ObjectKey, ObjectNode>> objects = new HashMap<>();
  private final List<Change> history = new ArrayList<>();
  private long revision = 1;
  private long compacted;
  private int openWatches;

  FakeStore(Time time, Randomness random) {
    this.time = time;
    this.random = random;
  }

  /** One change: {@code before} is null for a creation, {@code gone} tells a deletion. */
  record Change(
      long revision,
      GroupResource resource,
      @Nullable ObjectNode before,
      ObjectNode after,
      boolean gone) {}

  synchronized long revision() {
    return revision;
  }

  synchronized int openWatches() {
    return openWatches;
  }

  synchronized void watchOpened() {
    openWatches++;
  }

  synchronized void watchClosed() {
    openWatches--;
    notifyAll();
  }

  /** Forgets the history: watches from before now are told that they expired. */
  synchronized void compact() {
    compacted = revision;
    history.clear();
    notifyAll();
  }

  /** The changes of a resource after a revision; fails with Expired when they were compacted. */
  synchronized List<Change> after(GroupResource resource, long from) {
    if (from < compacted) {
      throw new ApiException(
          StatusReason.EXPIRED, "too old resource version: " + from + " (" + compacted + ")");
    }
    int low = 0;
    int high = history.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (history.get(middle).revision() <= from) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return history.subList(low, history.size()).stream()
        .filter(change -> change.resource().equals(resource))
        .toList();
  }

  /** Blocks until something has changed after the revision or was compacted. */
  synchronized void awaitAfter(long from) throws InterruptedException {
    while (revision <= from && compacted <= from) {
      wait();
    }
  }

  synchronized List<ObjectNode> all(GroupResource resource) {
    return List.copyOf(table(resource).values());
  }

  synchronized @Nullable ObjectNode find(GroupResource resource, ObjectKey key) {
    return table(resource).get(key);
  }

  synchronized ObjectNode get(GroupResource resource, ObjectKey key) {
    ObjectNode found = table(resource).get(key);
    if (found == null) {
      throw failure(StatusReason.NOT_FOUND, resource, key.name(), "not found");
    }
    return found;
  }

  synchronized ObjectNode create(GroupResource resource, ObjectNode object, boolean keepStatus) {
    ObjectNode created = object.deepCopy();
    ObjectNode meta = created.withObject("metadata");
    String prefix = meta.path("generateName").asString("");
    if (meta.path("name").asString("").isEmpty() && !prefix.isEmpty()) {
      meta.put("name", prefix + random.nameSuffix(5));
    }
    ObjectKey key = key(created);
    if (key.name().isEmpty()) {
      throw new ApiException(
          StatusReason.INVALID, resource + " \"\" is invalid: metadata.name: Required value");
    }
    if (table(resource).containsKey(key)) {
      throw failure(StatusReason.ALREADY_EXISTS, resource, key.name(), "already exists");
    }
    refuseInTerminatingNamespace(resource, key);
    meta.put("uid", random.uuid());
    meta.put("creationTimestamp", timestamp(0));
    meta.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds"));
    if (created.has("spec")) {
      meta.put("generation", 1);
    }
    // Only a node may bring its status along; a pod and a namespace are given their first one.
    if (!keepStatus && !resource.resource().equals("nodes")) {
      created.remove("status");
    }
    if (resource.resource().equals("pods") && !created.has("status")) {
      created.putObject("status").put("phase", "Pending");
    }
    if (resource.resource().equals("namespaces")) {
      created.withObject("spec").putArray("finalizers").add("kubernetes");
      created.withObject("status").put("phase", "Active");
    }
    return commit(resource, key, null, created, false);
  }

  /** Which part of an object an update may touch. */
  enum Part {
    ALL_BUT_STATUS,
    STATUS
  }

  synchronized ObjectNode update(GroupResource resource, ObjectNode wanted, Part part) {
    ObjectKey key = key(wanted);
    ObjectNode current = get(resource, key);
    JsonNode currentMeta = current.path("metadata");
    JsonNode wantedMeta = wanted.path("metadata");
    for (String field : List.of("resourceVersion", "uid")) {
      String expected = wantedMeta.path(field).asString("");
      if (!expected.isEmpty() && !expected.equals(currentMeta.path(field).asString())) {
        throw conflict(resource, key);
      }
    }
    ObjectNode next;
    if (part == Part.STATUS) {
      next = current.deepCopy();
      setOrRemove(next, "status", wanted.get("status"));
    } else {
      next = wanted.deepCopy();
      setOrRemove(next, "status", current.get("status"));
      ObjectNode meta = next.withObject("metadata");
      for (String field :
          List.of(
              "uid",
              "creationTimestamp",
              "deletionTimestamp",
              "deletionGracePeriodSeconds",
              "generation",
              "generateName")) {
        setOrRemove(meta, field, currentMeta.get(field));
      }
      if (!Objects.equals(current.get("spec"), next.get("spec"))) {
        meta.put("generation", currentMeta.path("generation").asLong(0) + 1);
      }
    }
    return replace(resource, key, current, next);
  }

  /**
   * Stores the next state unless it is the same; an object whose last finalizer went is removed.
   */
  private ObjectNode replace(
      GroupResource resource, ObjectKey key, ObjectNode current, ObjectNode next) {
    next.withObject("metadata")
        .set("resourceVersion", current.path("metadata").get("resourceVersion"));
    if (next.equals(current)) {
      return current;
    }
    return commit(resource, key, current, next, mayGo(resource, next));
  }

  private static boolean mayGo(GroupResource resource, ObjectNode object) {
    JsonNode meta = object.path("metadata");
    return meta.has("deletionTimestamp")
        && meta.path("finalizers").isEmpty()
        && meta.path("deletionGracePeriodSeconds").asLong(0) == 0
        && !(resource.resource().equals("namespaces")
            && !object.path("spec").path("finalizers").isEmpty());
  }

  synchronized void delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    ObjectNode current = find(resource, key);
    if (current == null) {
      return;
    }
    JsonNode meta = current.path("metadata");
    boolean otherUid = options.uid() != null && !options.uid().equals(meta.path("uid").asString());
    boolean otherVersion =
        options.resourceVersion() != null
            && !options.resourceVersion().equals(meta.path("resourceVersion").asString());
    if (otherUid || otherVersion) {
      throw conflict(resource, key);
    }
    ObjectNode next = current.deepCopy();
    ObjectNode nextMeta = next.withObject("metadata");
    if (options.propagation() == DeleteOptions.Propagation.FOREGROUND) {
      addFinalizer(nextMeta, "foregroundDeletion");
    } else if (options.propagation() == DeleteOptions.Propagation.ORPHAN) {
      addFinalizer(nextMeta, "orphan");
    }
    long grace = gracePeriodSeconds(resource, current, options);
    if (!meta.has("deletionTimestamp")
        || grace < meta.path("deletionGracePeriodSeconds").asLong(0)) {
      nextMeta.put("deletionTimestamp", timestamp(grace));
      nextMeta.put("deletionGracePeriodSeconds", grace);
      if (next.has("spec")) {
        nextMeta.put("generation", meta.path("generation").asLong(0) + 1);
      }
    }
    if (resource.resource().equals("namespaces")) {
      next.withObject("status").put("phase", "Terminating");
    }
    if (mayGo(resource, next)) {
      commit(resource, key, current, current.deepCopy(), true);
    } else {
      replace(resource, key, current, next);
    }
  }

  private static void addFinalizer(ObjectNode meta, String finalizer) {
    ArrayNode finalizers = meta.withArray("finalizers");
    for (JsonNode present : finalizers) {
      if (present.asString().equals(finalizer)) {
        return;
      }
    }
    finalizers.add(finalizer);
  }

  /** Only a pod that a kubelet may be running is given time. */
  private static long gracePeriodSeconds(
      GroupResource resource, ObjectNode object, DeleteOptions options) {
    String phase = object.path("status").path("phase").asString("");
    if (!resource.resource().equals("pods")
        || object.path("spec").path("nodeName").asString("").isEmpty()
        || phase.equals("Succeeded")
        || phase.equals("Failed")) {
      return 0;
    }
    return options.gracePeriodSeconds() != null
        ? options.gracePeriodSeconds()
        : object
            .path("spec")
            .path("terminationGracePeriodSeconds")
            .asLong(DEFAULT_POD_GRACE_SECONDS);
  }

  /** {@code pods/binding}: gives a pod its node, once. */
  synchronized void bind(GroupResource resource, ObjectKey key, String node) {
    ObjectNode current = get(resource, key);
    if (!current.path("spec").path("nodeName").asString("").isEmpty()) {
      throw failure(
          StatusReason.CONFLICT,
          resource,
          key.name(),
          "pod " + key.name() + " is already assigned to node");
    }
    ObjectNode next = current.deepCopy();
    next.withObject("spec").put("nodeName", node);
    ArrayNode conditions = next.withObject("status").withArray("conditions");
    conditions.addObject().put("type", "PodScheduled").put("status", "True");
    replace(resource, key, current, next);
  }

  /** {@code namespaces/finalize}: replaces the finalizers of the spec. */
  synchronized ObjectNode finalizeNamespace(GroupResource resource, ObjectNode wanted) {
    ObjectKey key = key(wanted);
    ObjectNode current = get(resource, key);
    ObjectNode next = current.deepCopy();
    setOrRemove(next.withObject("spec"), "finalizers", wanted.path("spec").get("finalizers"));
    return replace(resource, key, current, next);
  }

  private ObjectNode commit(
      GroupResource resource,
      ObjectKey key,
      @Nullable ObjectNode before,
      ObjectNode after,
      boolean gone) {
    revision++;
    after.withObject("metadata").put("resourceVersion", Long.toString(revision));
    if (gone) {
      table(resource).remove(key);
    } else {
      table(resource).put(key, after);
    }
    history.add(new Change(revision, resource, before, after, gone));
    notifyAll();
    return after;
  }

  /** The server's NamespaceLifecycle; a namespace nobody made is taken to be there. */
  private void refuseInTerminatingNamespace(GroupResource resource, ObjectKey key) {
    if (key.namespace().isEmpty()) {
      return;
    }
    ObjectNode namespace =
        find(new GroupResource("", "namespaces"), ObjectKey.cluster(key.namespace()));
    if (namespace != null && namespace.path("metadata").has("deletionTimestamp")) {
      throw failure(
          StatusReason.FORBIDDEN,
          resource,
          key.name(),
          "is forbidden: unable to create new content in namespace "
              + key.namespace()
              + " because it is being terminated");
    }
  }

  private NavigableMap<ObjectKey, ObjectNode> table(GroupResource resource) {
    return objects.computeIfAbsent(
        resource,
        ignored ->
            new TreeMap<>(
                Comparator.comparing(ObjectKey::namespace).thenComparing(ObjectKey::name)));
  }

  private String timestamp(long plusSeconds) {
    return time.now().plusSeconds(plusSeconds).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static void setOrRemove(ObjectNode object, String field, @Nullable JsonNode value) {
    if (value == null) {
      object.remove(field);
    } else {
      object.set(field, value.deepCopy());
    }
  }

  private static ObjectKey key(ObjectNode object) {
    JsonNode meta = object.path("metadata");
    return new ObjectKey(meta.path("namespace").asString(""), meta.path("name").asString(""));
  }

  static ApiException conflict(GroupResource resource, ObjectKey key) {
    String message =
        "Operation cannot be fulfilled on "
            + resource
            + " \""
            + key.name()
            + "\": the object has been modified; please apply your changes to the latest version"
            + " and try again";
    return new ApiException(ApiStatus.of(StatusReason.CONFLICT, message));
  }

  private static ApiException failure(
      StatusReason reason, GroupResource resource, String name, String what) {
    return new ApiException(
        new ApiStatus(
            reason.code(),
            reason,
            resource + " \"" + name + "\" " + what,
            new ApiStatus.Details(name, resource.group(), resource.resource(), "", List.of(), 0)));
  }
}
