package dev.coxswain.apiserver.service;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.watch.CachedObject;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The ServiceCIDRs and IPAddresses that the watch cache holds. */
final class CachedAddressBook implements AddressBook {
  private static final GroupResource RANGES =
      new GroupResource("networking.k8s.io", "servicecidrs");

  /** The range of the flag, which is used up before those that were added to it. */
  private static final String FIRST = "kubernetes";

  private final WatchCache cache;
  private final Store store;
  private volatile Read read = new Read(-1, List.of());

  /** What was read of the ServiceCIDRs when the last change of one had this revision. */
  private record Read(long revision, List<Offer> offers) {}

  CachedAddressBook(WatchCache cache, Store store) {
    this.cache = cache;
    this.store = store;
  }

  @Override
  public List<Offer> offers() {
    long revision = cache.revision(RANGES);
    Read last = read;
    if (last.revision() == revision) {
      return last.offers();
    }
    List<Offer> offers = new ArrayList<>();
    cache.cached(RANGES, Selection.namespace("")).objects().stream()
        .sorted(
            Comparator.comparing((CachedObject range) -> !range.key().name().equals(FIRST))
                .thenComparing(range -> range.key().name()))
        .forEach(range -> offers.addAll(offers(range)));
    read = new Read(revision, List.copyOf(offers));
    return offers;
  }

  private static List<Offer> offers(CachedObject range) {
    ObjectNode object = range.parse();
    return ready(object)
        ? Json.at(object, "spec", "cidrs")
            .valueStream()
            .flatMap(cidr -> AddressRange.find(cidr.asString("")).stream())
            .map(addresses ->
                new Offer(StoreKeys.key(RANGES, range.key()), range.revision(), addresses))
            .toList()
        : List.of();
  }

  /** A range of which nobody has said anything yet is ready: the controllers may be down. */
  private static boolean ready(ObjectNode range) {
    if (!Json.text(range, "metadata", "deletionTimestamp").isEmpty()) {
      return false;
    }
    for (JsonNode condition : Json.at(range, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return true;
  }

  @Override
  public boolean taken(String address) {
    return cache.cached(AddressObject.RESOURCE, ObjectKey.cluster(address)).isPresent();
  }

  @Override
  public Optional<StoredValue> stored(String address) {
    return store.get(AddressObject.key(address));
  }

  @Override
  public void catchUp() {
    try {
      if (!cache.awaitCurrent(AddressObject.RESOURCE)) {
        throw new ApiException(
            StatusReason.SERVICE_UNAVAILABLE, "the server has not read which addresses are taken");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the server is shutting down");
    }
  }
}
