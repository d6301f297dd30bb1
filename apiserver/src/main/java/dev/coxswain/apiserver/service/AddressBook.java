package dev.coxswain.apiserver.service;

import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoredValue;
import dev.coxswain.apiserver.watch.WatchCache;
import java.util.List;
import java.util.Optional;

/** Which ranges there are to give addresses of, and which addresses are given out. */
public interface AddressBook {

  /** As this server's cache shows it; what is read from it may be a moment old. */
  static AddressBook of(WatchCache cache, Store store) {
    return new CachedAddressBook(cache, store);
  }

  /**
   * A range that may be given addresses of.
   *
   * @param key where its ServiceCIDR is stored
   * @param revision the ServiceCIDR's revision, at which it was ready
   * @param addresses the range
   */
  record Offer(String key, long revision, AddressRange addresses) {}

  /** The ranges that are ready, in the order in which they are used. */
  List<Offer> offers();

  /** Whether an address has been given out. */
  boolean taken(String address);

  /** The IPAddress of an address, read from the store itself. */
  Optional<StoredValue> stored(String address);

  /** Waits until the book shows everything that was acknowledged before the call. */
  void catchUp();
}
