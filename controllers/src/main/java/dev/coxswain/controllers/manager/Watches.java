package dev.coxswain.controllers.manager;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Owners;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ListOptions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What wakes a controller of {@code T}, and which indexes it reads by. */
public final class Watches<T extends HasMetadata> {
  /** Enough to overlap the waiting for the API server, few enough not to flood it. */
  private static final int DEFAULT_WORKERS = 5;

  private final Class<T> type;
  private final List<Source<?>> sources = new ArrayList<>();
  private final List<Index<?>> indexes = new ArrayList<>();
  private final List<Heeded<?>> signals = new ArrayList<>();
  private final Map<Class<?>, Selection> selections = new HashMap<>();
  private int workers = DEFAULT_WORKERS;

  private Watches(Class<T> type) {
    this.type = type;
    sources.add(new Source<>(type, (change, view) -> List.of(Meta.key(change.latest()))));
  }

  /** Wakes on the kind itself. */
  public static <T extends HasMetadata> Watches<T> of(Class<T> type) {
    return new Watches<>(type);
  }

  /** Wakes the controlling owner of each object of a kind. */
  public <S extends HasMetadata> Watches<T> owned(Class<S> owned) {
    return on(
        owned,
        (change, view) ->
            Stream.of(change.before(), change.after())
                .filter(Objects::nonNull)
                .flatMap(object -> Owners.controllerKey(object, type).stream())
                .toList());
  }

  /**
   * Wakes the controlling owner of each object of a kind and, while an object has none, everyone in
   * its namespace who would select it.
   */
  public <S extends HasMetadata> Watches<T> claimed(Class<S> claimed, BiPredicate<T, S> selects) {
    owned(claimed);
    return on(
        claimed,
        (change, view) -> {
          S now = change.after();
          if (now == null || Owners.controller(now).isPresent()) {
            return List.of();
          }
          return view.in(type, Meta.namespace(now)).stream()
              .filter(candidate -> selects.test(candidate, now))
              .map(Meta::key)
              .toList();
        });
  }

  /** Wakes the keys that the mapper names for a change of another kind. */
  public <S extends HasMetadata> Watches<T> on(Class<S> other, Mapper<S> mapper) {
    sources.add(new Source<>(other, mapper));
    return this;
  }

  /** Wakes the keys that the mapper names for what a signal tells. */
  public <E> Watches<T> on(Signal<E> signal, BiFunction<E, View, Collection<ObjectKey>> mapper) {
    signals.add(new Heeded<>(signal, mapper));
    return this;
  }

  /** Makes a kind readable without waking anybody. */
  public <S extends HasMetadata> Watches<T> reads(Class<S> other) {
    return on(other, (change, view) -> List.of());
  }

  /** Makes a kind readable by an index; controllers that name the same index share it. */
  public <S extends HasMetadata> Watches<T> index(
      Class<S> indexed, String name, Informer.IndexFunction<S> function) {
    indexes.add(new Index<>(indexed, name, function));
    return this;
  }

  /**
   * Caches only a part of a kind: all who use the kind must want the same part.
   *
   * @param namespace the namespace; empty for all
   */
  public <S extends HasMetadata> Watches<T> only(
      Class<S> selected, String namespace, ListOptions options) {
    selections.put(selected, new Selection(namespace, options));
    return this;
  }

  /** How many keys are reconciled at once, instead of five. */
  public Watches<T> workers(int count) {
    workers = count;
    return this;
  }

  Class<T> type() {
    return type;
  }

  int workers() {
    return workers;
  }

  List<Index<?>> indexes() {
    return List.copyOf(indexes);
  }

  /** What part of a kind is cached. */
  Selection selection(Class<?> kind) {
    return selections.getOrDefault(kind, Selection.ALL);
  }

  /** Every kind that is watched, each once, the primary one first. */
  Set<Class<? extends HasMetadata>> kinds() {
    var kinds = new LinkedHashSet<Class<? extends HasMetadata>>();
    for (Source<?> source : sources) {
      kinds.add(source.type());
    }
    for (Index<?> index : indexes) {
      kinds.add(index.type());
    }
    return kinds;
  }

  /** The keys that a change of a kind wakes. */
  <S extends HasMetadata> Set<ObjectKey> woken(Class<S> changed, Change<S> change, View view) {
    var keys = new LinkedHashSet<ObjectKey>();
    for (Source<?> source : sources) {
      if (source.type().equals(changed)) {
        @SuppressWarnings("unchecked") // the classes were just compared
        var matching = (Source<S>) source;
        keys.addAll(matching.mapper().keys(change, view));
      }
    }
    return keys;
  }

  /** Has the signals wake keys from now on. */
  void heed(View view, Consumer<ObjectKey> wake) {
    signals.forEach(signal -> signal.heed(view, wake));
  }

  /** Which keys a change of another object wakes. */
  @FunctionalInterface
  public interface Mapper<S> {
    Collection<ObjectKey> keys(Change<S> change, View view);
  }

  private record Source<S extends HasMetadata>(Class<S> type, Mapper<S> mapper) {}

  private record Heeded<E>(Signal<E> signal, BiFunction<E, View, Collection<ObjectKey>> mapper) {
    void heed(View view, Consumer<ObjectKey> wake) {
      signal.follow(told -> mapper.apply(told, view).forEach(wake));
    }
  }

  record Selection(String namespace, ListOptions options) {
    static final Selection ALL = new Selection("", ListOptions.ALL);
  }

  record Index<S extends HasMetadata>(
      Class<S> type, String name, Informer.IndexFunction<S> function) {}
}
