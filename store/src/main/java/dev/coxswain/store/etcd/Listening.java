package dev.coxswain.store.etcd;

import dev.coxswain.proto.etcd.WatchCreateRequest;
import dev.coxswain.proto.etcd.WatchResponse;
import dev.coxswain.store.watch.WatchDispatcher;
import dev.coxswain.store.watch.WatchHub;
import dev.coxswain.store.watch.WatchSink;
import dev.coxswain.store.watch.WatchStream;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A watch of this member's own, read by a thread that waits for what comes. */
final class Listening implements WatchSink, AutoCloseable {
  /** So many responses wait at most; the watch lags until one was taken. */
  private static final int WAITING = 16;

  private final WatchDispatcher dispatcher;
  private final Caller<?> caller;

  /** What was heard, and nothing as the sign that the caller is gone. */
  private final LinkedBlockingQueue<Optional<WatchResponse>> heard = new LinkedBlockingQueue<>();

  private final Runnable end;

  /** Touched by the dispatcher's thread only. */
  private @Nullable WatchStream stream;

  Listening(WatchDispatcher dispatcher, WatchCreateRequest request, Caller<?> caller) {
    this.dispatcher = dispatcher;
    this.caller = caller;
    this.end = this::callerGone;
    dispatcher.post(hub -> open(hub, request));
    caller.whenGone(end);
  }

  private void callerGone() {
    heard.add(Optional.empty());
  }

  private void open(WatchHub hub, WatchCreateRequest request) {
    WatchStream open = hub.open(this);
    stream = open;
    hub.create(open, request);
  }

  /** The next response; nothing once the caller is gone. */
  Optional<WatchResponse> next() {
    try {
      Optional<WatchResponse> next = heard.take();
      dispatcher.wake();
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Waits for an event, for the end of the watch, or until the caller is gone. */
  void awaitEvent() {
    Optional<WatchResponse> next = next();
    while (next.isPresent() && next.get().getEventsCount() == 0 && !next.get().getCanceled()) {
      next = next();
    }
  }

  @Override
  public boolean ready() {
    return heard.size() < WAITING;
  }

  @Override
  public void send(WatchResponse response) {
    heard.add(Optional.of(response));
  }

  @Override
  public void close() {
    caller.forget(end);
    dispatcher.post(hub -> {
      if (stream != null) {
        hub.close(stream);
        stream = null;
      }
    });
  }
}
