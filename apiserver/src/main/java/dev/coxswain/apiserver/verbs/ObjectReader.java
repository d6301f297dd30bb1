package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.registry.FieldError;
import dev.coxswain.apiserver.registry.InvalidObject;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.Failures;
import dev.coxswain.apiserver.request.Query;
import dev.coxswain.apiserver.storage.CompactedException;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StorePage;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.watch.CacheList;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Reads objects with the consistency that a request asks for. */
public final class ObjectReader {
  /** How many objects are read from the store at once. */
  private static final int PAGE = 500;

  private static final GroupVersionKind OPTIONS =
      new GroupVersionKind("meta.k8s.io", "v1", "ListOptions");

  private final Store store;
  private final WatchCache cache;

  /** A reader of this cache, and of the store where the cache will not do. */
  public ObjectReader(Store store, WatchCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** An object as it is now: everything acknowledged before the call is seen. */
  public Optional<CachedObject> find(GroupResource resource, ObjectKey key)
      throws InterruptedException {
    return cache.awaitCurrent(resource) ? cache.cached(resource, key) : fromStore(resource, key);
  }

  /** What is selected as it is now: everything acknowledged before the call is seen. */
  public List<CachedObject> find(GroupResource resource, Selection selection)
      throws InterruptedException {
    return cache.awaitCurrent(resource)
        ? cache.cached(resource, selection).objects()
        : page(resource, selection, 0, "", 0).objects();
  }

  private Optional<CachedObject> fromStore(GroupResource resource, ObjectKey key) {
    return store
        .get(StoreKeys.key(resource, key))
        .map(value -> CachedObject.of(key, value.bytes(), value.revision()));
  }

  /** The object that a GET asks for. */
  CachedObject get(ResourceType type, ObjectKey key, Query query) throws InterruptedException {
    String version = query.text("resourceVersion");
    Optional<CachedObject> found;
    if (version.isEmpty()) {
      found = find(type.storedResource(), key);
    } else {
      awaitAtLeast(type, version(version));
      found = cache.cached(type.storedResource(), key);
    }
    return found.orElseThrow(() -> Failures.notFound(type.resource(), key.name()));
  }

  /** Waits until the cache holds a revision that a client names. */
  void awaitAtLeast(ResourceType type, long revision) throws InterruptedException {
    if (revision > 0 && !cache.awaitGiven(type.storedResource(), revision)) {
      throw Failures.versionTooLarge(revision, cache.applied(type.storedResource()));
    }
  }

  static long version(String text) {
    try {
      long version = Long.parseLong(text);
      if (version >= 0) {
        return version;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new ApiException(
        new ApiStatus(
            422,
            StatusReason.INVALID,
            "resourceVersion: Invalid value: \"" + text + "\": is not a valid resource version",
            ApiStatus.Details.NONE));
  }

  /**
   * A list, or a part of one.
   *
   * @param metadata the list's metadata: resourceVersion, and where to go on
   * @param objects the objects
   */
  record Listed(ObjectNode metadata, List<CachedObject> objects) {}

  /** The list that a request asks for. */
  Listed list(ResourceType type, Selection selection, Query query) throws InterruptedException {
    long limit = query.number("limit", 0);
    String token = query.text("continue");
    String version = query.text("resourceVersion");
    String match = query.text("resourceVersionMatch");
    checkOptions(token, version, match);
    GroupResource resource = type.storedResource();
    if (!token.isEmpty()) {
      ContinueToken from = ContinueToken.decode(token);
      return page(resource, selection, Math.max(0, from.revision()), from.start(), limit);
    }
    if (match.equals("Exact")) {
      long exact = version(version);
      awaitAtLeast(type, exact);
      return page(resource, selection, exact, "", limit);
    }
    if (version.isEmpty()) {
      if (!cache.awaitCurrent(resource)) {
        return page(resource, selection, 0, "", limit);
      }
    } else {
      awaitAtLeast(type, version(version));
    }
    CacheList list = selected(type, selection);
    boolean whole = limit <= 0 || list.objects().size() <= limit;
    if (whole) {
      return new Listed(metadata(list.revision()), list.objects());
    }
    List<CachedObject> first = List.copyOf(list.objects().subList(0, (int) limit));
    ObjectNode metadata = metadata(list.revision());
    metadata.put(
        "continue", new ContinueToken(list.revision(), path(first.getLast().key())).encode());
    if (selection.labels().everything() && selection.fields().everything()) {
      metadata.put("remainingItemCount", list.objects().size() - limit);
    }
    return new Listed(metadata, first);
  }

  /**
   * What the cache has; where another server must be asked, not while others wait for the cache.
   */
  private CacheList selected(ResourceType type, Selection selection) {
    if (!selection.asks()) {
      return cache.cached(type.storedResource(), selection);
    }
    CacheList list = cache.cached(type.storedResource(), selection.atOnce());
    return new CacheList(
        list.revision(), list.objects().stream().filter(object -> object.isIn(selection)).toList());
  }

  private static void checkOptions(String token, String version, String match) {
    if (match.isEmpty()) {
      if (!token.isEmpty() && !version.isEmpty() && !version.equals("0")) {
        throw Failures.badRequest("specifying resource version is not allowed when using continue");
      }
      return;
    }
    if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
      throw invalidOptions(
          FieldError.notSupported("resourceVersionMatch", match, List.of("Exact", "NotOlderThan")));
    }
    if (version.isEmpty()) {
      throw invalidOptions(
          FieldError.forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (!token.isEmpty()) {
      throw invalidOptions(
          FieldError.forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match.equals("Exact") && version.equals("0")) {
      throw invalidOptions(
          FieldError.forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\""));
    }
  }

  /** Clients know by the reason that they may ask in another way. */
  static ApiException invalidOptions(FieldError error) {
    return new ApiException(InvalidObject.status(OPTIONS, "", List.of(error)));
  }

  /** Reads a part of a list from the store, as of a revision (0: now). */
  private Listed page(
      GroupResource resource, Selection selection, long revision, String after, long limit) {
    String prefix = StoreKeys.prefix(resource, selection.namespace());
    String from = after.isEmpty() ? prefix : StoreKeys.after(StoreKeys.prefix(resource) + after);
    String to = StoreKeys.end(prefix);
    List<CachedObject> selected = new ArrayList<>();
    long asOf = revision;
    try {
      while (true) {
        StorePage page = store.range(from, to, asOf, PAGE);
        asOf = page.revision();
        int used = 0;
        for (StoredValue value : page.values()) {
          used++;
          from = StoreKeys.after(value.key());
          CachedObject object = cached(value);
          if (object.isIn(selection)) {
            selected.add(object);
          }
          if (limit > 0 && selected.size() == limit) {
            break;
          }
        }
        boolean more = used < page.values().size() || page.more();
        boolean full = limit > 0 && selected.size() == limit;
        if (!more || full) {
          return listed(selection, selected, asOf, more, page.count() - used);
        }
      }
    } catch (CompactedException e) {
      throw expired(after);
    }
  }

  private static ApiException expired(String after) {
    if (after.isEmpty()) {
      return new ApiException(
          StatusReason.EXPIRED, "The resourceVersion for the provided list is too old.");
    }
    return new ApiException(
        new ApiStatus(
            StatusReason.EXPIRED.code(),
            StatusReason.EXPIRED,
            "The provided continue parameter is too old to display a consistent list result. You"
                + " can start a new list without the continue parameter, or use the continue token"
                + " in this response to retrieve the remainder of the results. Continuing with the"
                + " provided token results in an inconsistent list - objects that were created,"
                + " modified, or deleted between the time the first chunk was returned and now may"
                + " show up in the list.",
            ApiStatus.Details.NONE,
            new ContinueToken(ContinueToken.NOW, after).encode()));
  }

  private static Listed listed(
      Selection selection, List<CachedObject> selected, long revision, boolean more, long left) {
    ObjectNode metadata = metadata(revision);
    if (more) {
      metadata.put(
          "continue", new ContinueToken(revision, path(selected.getLast().key())).encode());
      if (selection.labels().everything() && selection.fields().everything() && left > 0) {
        metadata.put("remainingItemCount", left);
      }
    }
    return new Listed(metadata, selected);
  }

  private static CachedObject cached(StoredValue value) {
    StoreKeys.Parsed name = Objects.requireNonNull(StoreKeys.parse(value.key()), value.key());
    return CachedObject.of(name.object(), value.bytes(), value.revision());
  }

  private static ObjectNode metadata(long revision) {
    return Json.object().put("resourceVersion", Long.toString(revision));
  }

  private static String path(ObjectKey key) {
    return key.namespace().isEmpty() ? key.name() : key.toString();
  }
}
