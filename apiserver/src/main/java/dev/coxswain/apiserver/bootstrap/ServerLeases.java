package dev.coxswain.apiserver.bootstrap;

import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Which API servers are alive: each keeps a key in the store that expires with it. */
final class ServerLeases {
  private static final String PREFIX = "/coxswain/apiservers/";

  /** How long a server that says nothing more counts as alive. */
  static final Duration TIME_TO_LIVE = Duration.ofSeconds(15);

  /** How many servers are listed at most. */
  private static final int MAX_SERVERS = 100;

  private final Store store;
  private final String address;

  ServerLeases(Store store, String address) {
    this.store = store;
    this.address = address;
  }

  /** Says that this server is alive. */
  void renew() {
    long lease = store.grantLease(TIME_TO_LIVE);
    byte[] value = address.getBytes(StandardCharsets.UTF_8);
    store.commit(List.of(new StoreWrite.Put(PREFIX + address, StoreWrite.ANY, value, lease)));
  }

  /** Says that this server goes. */
  void release() {
    store.commit(List.of(new StoreWrite.Delete(PREFIX + address, StoreWrite.ANY)));
  }

  /** The addresses of the servers that are alive, sorted. */
  List<String> alive() {
    return store.range(PREFIX, StoreKeys.end(PREFIX), 0, MAX_SERVERS).values().stream()
        .map(StoredValue::key)
        .map(key -> key.substring(PREFIX.length()))
        .sorted()
        .toList();
  }
}
