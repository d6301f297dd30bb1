package dev.coxswain.scheduler.framework;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What plugins note during one pod's cycle, by the type of the note. */
public final class CycleState {
  private final Map<Class<?>, Object> notes = new HashMap<>();
  private final Set<Plugin> skipped = new HashSet<>();

  /** Notes something; a former note of the type is replaced. */
  public <T> void put(Class<T> type, T note) {
    notes.put(type, note);
  }

  /** What was noted before, in the same cycle. */
  public <T> T get(Class<T> type) {
    return type.cast(
        Objects.requireNonNull(notes.get(type), () -> "nothing noted of " + type.getName()));
  }

  /** What was noted, if anything was. */
  public <T> Optional<T> find(Class<T> type) {
    return Optional.ofNullable(notes.get(type)).map(type::cast);
  }

  void skipFilter(Plugin plugin) {
    skipped.add(plugin);
  }

  boolean filters(Plugin plugin) {
    return !skipped.contains(plugin);
  }
}
