package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one controller wrote and has not seen in its caches yet. It serves the purpose of upstream's
 * expectations by a simpler rule: a key is not reconciled again before the caches show everything
 * that was written for it, so that no controller ever counts on a cache older than its own writes.
 * A write whose answer was lost is looked up at the API server first.
 */
final class PendingWrites {
  /** After this long unseen a write is looked up: it may have been undone between two lists. */
  static final Duration LOOK_UP_AFTER = Duration.ofSeconds(10);

  private final View view;
  private final ApiClient api;
  private final Time time;
  private final Map<ObjectKey, List<Write<?>>> writes = new HashMap<>();
  private final Map<Target<?>, Set<ObjectKey>> waiting = new HashMap<>();

  PendingWrites(View view, ApiClient api, Time time) {
    this.view = view;
    this.api = api;
    this.time = time;
  }

  /** Remembers what the API server has stored. */
  <S extends HasMetadata> void stored(ObjectKey by, S object, boolean isNew) {
    var target = new Target<>(typeOf(object), Meta.key(object));
    remember(
        by,
        new Write<>(
            target, new Stored(Meta.uid(object), Meta.version(object), isNew), time.nanos()));
  }

  /** Remembers that the API server accepted a deletion. */
  <S extends HasMetadata> void deleted(ObjectKey by, S object) {
    var target = new Target<>(typeOf(object), Meta.key(object));
    remember(by, new Write<>(target, new Deleted(Meta.uid(object)), time.nanos()));
  }

  /** Remembers a write that may or may not have happened. */
  <S extends HasMetadata> void uncertain(ObjectKey by, S object) {
    var target = new Target<>(typeOf(object), Meta.key(object));
    remember(by, new Write<>(target, new Uncertain(), time.nanos()));
  }

  /**
   * How long the key has to wait for its caches; empty when they show everything.
   *
   * @throws dev.coxswain.api.status.ApiException when a lost answer could not be looked up
   */
  Optional<Duration> awaited(ObjectKey by) {
    List<Write<?>> open;
    synchronized (this) {
      open = List.copyOf(writes.getOrDefault(by, List.of()));
    }
    Optional<Duration> wait = Optional.empty();
    for (Write<?> write : open) {
      Optional<? extends Write<?>> still = unseen(write);
      if (still.isEmpty() || !still.get().equals(write)) {
        replace(by, write, still);
      }
      if (still.isPresent()) {
        Duration left = Duration.ofNanos(still.get().since() - time.nanos()).plus(LOOK_UP_AFTER);
        wait = Optional.of(wait.filter(other -> other.compareTo(left) <= 0).orElse(left));
      }
    }
    return wait;
  }

  /** The keys that wait for a change of this object. */
  synchronized Collection<ObjectKey> waitingFor(Class<?> type, ObjectKey key) {
    return List.copyOf(waiting.getOrDefault(new Target<>(type, key), Set.of()));
  }

  /** The write as it still has to be waited for; empty once there is nothing to wait for. */
  private <S extends HasMetadata> Optional<Write<S>> unseen(Write<S> write) {
    Target<S> target = write.target();
    boolean overdue = time.nanos() - write.since() >= LOOK_UP_AFTER.toNanos();
    if (write.kind() instanceof Uncertain) {
      Optional<S> stored = api.resource(target.type()).find(target.key());
      return lookedUp(write, stored);
    }
    if (shown(target, write.kind())) {
      return Optional.empty();
    }
    if (!overdue) {
      return Optional.of(write);
    }
    return lookedUp(write, api.resource(target.type()).find(target.key()));
  }

  /** What to wait for, once it is known what is stored. */
  private <S extends HasMetadata> Optional<Write<S>> lookedUp(Write<S> write, Optional<S> stored) {
    Target<S> target = write.target();
    WriteKind kind =
        stored
            .<WriteKind>map(object ->
                Meta.deleting(object)
                    ? new Deleted(Meta.uid(object))
                    : new Stored(Meta.uid(object), Meta.version(object), true))
            .orElseGet(Gone::new);
    return shown(target, kind)
        ? Optional.empty()
        : Optional.of(new Write<>(target, kind, time.nanos()));
  }

  private <S extends HasMetadata> boolean shown(Target<S> target, WriteKind kind) {
    Optional<S> cached = view.find(target.type(), target.key());
    return switch (kind) {
      case Stored(String uid, long version, boolean isNew) ->
          cached
              .map(object ->
                  Meta.version(object) >= version || (!isNew && !Meta.uid(object).equals(uid)))
              .orElse(!isNew);
      case Deleted(String uid) ->
          cached.map(object -> Meta.deleting(object) || !Meta.uid(object).equals(uid)).orElse(true);
      case Gone() -> cached.isEmpty();
      case Uncertain() -> false;
    };
  }

  private synchronized void remember(ObjectKey by, Write<?> write) {
    writes.computeIfAbsent(by, key -> new ArrayList<>()).add(write);
    waiting.computeIfAbsent(write.target(), target -> new LinkedHashSet<>()).add(by);
  }

  private synchronized void replace(ObjectKey by, Write<?> old, Optional<? extends Write<?>> now) {
    List<Write<?>> open = writes.getOrDefault(by, new ArrayList<>());
    open.remove(old);
    now.ifPresent(open::add);
    if (open.isEmpty()) {
      writes.remove(by);
    }
    if (open.stream().noneMatch(write -> write.target().equals(old.target()))) {
      waiting.computeIfPresent(
          old.target(),
          (target, keys) -> {
            keys.remove(by);
            return keys.isEmpty() ? null : keys;
          });
    }
  }

  @SuppressWarnings("unchecked") // an object's own class
  static <S extends HasMetadata> Class<S> typeOf(S object) {
    return (Class<S>) object.getClass();
  }

  private record Target<S>(Class<S> type, ObjectKey key) {}

  private record Write<S extends HasMetadata>(Target<S> target, WriteKind kind, long since) {}

  private sealed interface WriteKind {}

  /** A state that was stored; a new object is not yet there while the cache does not show it. */
  private record Stored(String uid, long version, boolean isNew) implements WriteKind {}

  /** An incarnation that is going or gone. */
  private record Deleted(String uid) implements WriteKind {}

  /** An object that the API server does not have. */
  private record Gone() implements WriteKind {}

  /** Nobody knows: the answer was lost. */
  private record Uncertain() implements WriteKind {}
}
