package dev.coxswain.apiserver.service;

import dev.coxswain.apiserver.storage.MemoryStore;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreKeys;
import dev.coxswain.apiserver.storage.StoreWrite;
import dev.coxswain.apiserver.storage.StoredValue;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A book on a store, which a test can hold at a moment until it is asked to catch up. */
final class StoredBook implements AddressBook {
  private static final String RANGES = "/registry/ranges/";

  private final Store store;
  private boolean held;
  private List<Offer> offers = List.of();
  private Set<String> taken = Set.of();

  StoredBook(MemoryStore store) {
    this.store = store;
  }

  void offer(String cidr) {
    byte[] value = cidr.getBytes(StandardCharsets.UTF_8);
    store.commit(List.of(new StoreWrite.Put(key(cidr), StoreWrite.ANY, value, 0)));
  }

  void withdraw(String cidr) {
    store.commit(List.of(new StoreWrite.Delete(key(cidr), StoreWrite.ANY)));
  }

  private static String key(String cidr) {
    return RANGES + cidr.replace('/', '-');
  }

  /** Shows no more changes until it is asked to catch up. */
  void hold() {
    offers = offers();
    taken = addresses();
    held = true;
  }

  Set<String> addresses() {
    return held
        ? taken
        : values(AddressObject.PREFIX).stream()
            .map(value -> value.key().substring(AddressObject.PREFIX.length()))
            .collect(Collectors.toSet());
  }

  private List<StoredValue> values(String prefix) {
    return store.range(prefix, StoreKeys.end(prefix), 0, 1000).values();
  }

  @Override
  public List<Offer> offers() {
    return held
        ? offers
        : values(RANGES).stream()
            .map(value ->
                new Offer(
                    value.key(),
                    value.revision(),
                    AddressRange.find(new String(value.bytes(), StandardCharsets.UTF_8))
                        .orElseThrow()))
            .toList();
  }

  @Override
  public boolean taken(String address) {
    return addresses().contains(address);
  }

  @Override
  public Optional<StoredValue> stored(String address) {
    return store.get(AddressObject.key(address));
  }

  @Override
  public void catchUp() {
    held = false;
  }
}
