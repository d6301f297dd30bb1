package dev.coxswain.runtime.client;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A watch on a {@link FakeStore}'s history, through a selection. */
final class FakeWatch<T extends HasMetadata> implements Watch<T> {
  private final ResourceModel<T> model;
  private final String namespace;
  private final ListOptions options;
  private final FakeStore store;
  private final Queue<WatchEvent<T>> ready = new ArrayDeque<>();
  private long seen;
  private volatile boolean closed;

  FakeWatch(
      ResourceModel<T> model, String namespace, ListOptions options, FakeStore store, long from) {
    this.model = model;
    this.namespace = namespace;
    this.options = options;
    this.store = store;
    this.seen = from;
    store.watchOpened();
  }

  @Override
  public @Nullable WatchEvent<T> next() throws InterruptedException {
    synchronized (store) {
      while (true) {
        if (closed) {
          throw new ApiException(StatusReason.SERVICE_UNAVAILABLE, "the watch was closed");
        }
        WatchEvent<T> event = poll();
        if (event != null) {
          return event;
        }
        store.wait();
      }
    }
  }

  /** The next event that is already there; null when there is none. */
  @Nullable WatchEvent<T> poll() {
    synchronized (store) {
      if (ready.isEmpty()) {
        for (FakeStore.Change change : store.after(model.resource(), seen)) {
          WatchEvent<T> event = event(change);
          if (event != null) {
            ready.add(event);
          }
        }
        seen = store.revision();
      }
      return ready.poll();
    }
  }

  /** Whether {@link #poll} would give one. */
  boolean waits() {
    synchronized (store) {
      return !ready.isEmpty()
          || store.after(model.resource(), seen).stream().anyMatch(change -> event(change) != null);
    }
  }

  private @Nullable WatchEvent<T> event(FakeStore.Change change) {
    boolean before =
        change.before() != null && FakeSelectors.matches(change.before(), namespace, options);
    boolean after = !change.gone() && FakeSelectors.matches(change.after(), namespace, options);
    if (!before && !after) {
      return null;
    }
    T object = ModelJson.MAPPER.treeToValue(change.after(), model.type());
    if (!after) {
      return new WatchEvent.Deleted<>(object);
    }
    return before ? new WatchEvent.Modified<>(object) : new WatchEvent.Added<>(object);
  }

  @Override
  public void close() {
    synchronized (store) {
      if (!closed) {
        closed = true;
        store.watchClosed();
      }
    }
  }
}
