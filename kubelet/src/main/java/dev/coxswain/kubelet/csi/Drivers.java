package dev.coxswain.kubelet.csi;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The drivers of this node, as many as have registered. Thread-safe. */
public final class Drivers {
  private final Map<String, Driver> drivers = new ConcurrentSkipListMap<>();

  /** The names of those that were here and are no longer; as many as have ever registered. */
  private final Set<String> gone = ConcurrentHashMap.newKeySet();

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Tells the listener whenever a driver came or went; it must not block. */
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  /** All, by name. */
  List<Driver> all() {
    return List.copyOf(drivers.values());
  }

  Optional<Driver> find(String name) {
    return Optional.ofNullable(drivers.get(name));
  }

  /**
   * The driver of this name.
   *
   * @throws IOException while it has not registered, in upstream's words
   */
  Driver get(String name) throws IOException {
    return find(name)
        .orElseThrow(() ->
            new IOException(
                "driver name " + name + " not found in the list of registered CSI drivers"));
  }

  /** Whether a driver of this name was here and is no longer; one that is awaited has not left. */
  boolean left(String name) {
    return gone.contains(name);
  }

  void put(Driver driver) {
    gone.remove(driver.name());
    @Nullable Driver before = drivers.put(driver.name(), driver);
    if (before != null) {
      before.plugin().close();
    }
    listeners.forEach(Runnable::run);
  }

  /** The driver is gone; another that has registered under its name meanwhile stays. */
  void remove(Driver driver) {
    if (drivers.remove(driver.name(), driver)) {
      gone.add(driver.name());
      driver.plugin().close();
      listeners.forEach(Runnable::run);
    }
  }

  /** Ends the connections. */
  void close() {
    drivers.values().forEach(driver -> driver.plugin().close());
    drivers.clear();
  }
}
