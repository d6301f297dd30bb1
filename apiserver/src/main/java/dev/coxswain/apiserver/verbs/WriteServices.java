package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.admission.AdmissionPlugin;
import dev.coxswain.apiserver.registry.ResourceRegistry;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.storage.EventLease;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.watch.WatchCache;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.List;

/** What writing objects needs. */
public final class WriteServices {
  /** How long events are kept. */
  private static final Duration EVENT_LIFE = Duration.ofHours(1);

  private static final GroupResource EVENTS = new GroupResource("", "events");

  private final Store store;
  private final WatchCache cache;
  private final Admission admission;
  private final Companions companions;
  private final Ownership ownership;
  private final Time time;
  private final Randomness randomness;
  private final EventLease eventLease;

  /** Puts them together; the plugins are asked in this order. */
  public WriteServices(
      ResourceRegistry registry,
      Store store,
      WatchCache cache,
      List<AdmissionPlugin> plugins,
      Companions companions,
      Time time,
      Randomness randomness) {
    this.store = store;
    this.cache = cache;
    this.admission = new Admission(plugins);
    this.companions = companions;
    this.ownership = new Ownership(registry, time);
    this.time = time;
    this.randomness = randomness;
    this.eventLease = new EventLease(store.holding(EVENTS), time, EVENT_LIFE);
  }

  Store store() {
    return store;
  }

  WatchCache cache() {
    return cache;
  }

  Admission admission() {
    return admission;
  }

  Companions companions() {
    return companions;
  }

  Ownership ownership() {
    return ownership;
  }

  Time time() {
    return time;
  }

  Randomness randomness() {
    return randomness;
  }

  /** The lease for an object that is written now; 0 for one that is kept. */
  long lease(ResourceType type) {
    return type.storedResource().equals(EVENTS) ? eventLease.current() : 0;
  }
}
