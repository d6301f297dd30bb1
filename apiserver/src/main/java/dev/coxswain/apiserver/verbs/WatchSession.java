package dev.coxswain.apiserver.verbs;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.apiserver.http.ResponseStream;
import dev.coxswain.apiserver.registry.ResourceType;
import dev.coxswain.apiserver.request.StatusJson;
import dev.coxswain.apiserver.watch.Delivery;
import dev.coxswain.apiserver.watch.EventType;
import dev.coxswain.apiserver.watch.Representation;
import dev.coxswain.apiserver.watch.Selection;
import dev.coxswain.apiserver.watch.Subscription;
import dev.coxswain.runtime.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One open watch: takes events from its subscription and writes them as long as the client takes
 * them in. Everything but the beginning runs on the connection's event loop.
 */
final class WatchSession {
  /** How often a client that wants bookmarks gets one. */
  private static final Duration BOOKMARK_PERIOD = Duration.ofMinutes(1);

  /** How many events are written before they are sent and others get their turn. */
  private static final int BURST = 256;

  private static final byte[] TAIL = "}\n".getBytes(StandardCharsets.US_ASCII);

  private final Subscription subscription;
  private final ResponseStream stream;
  private final Format format;
  private final Time time;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private boolean ended;
  private boolean asking;
  private boolean initialBookmarkDue;
  private boolean bookmarkDue;
  private boolean endDue;
  private Time.@Nullable Timer endTimer;
  private Time.@Nullable Timer bookmarkTimer;

  /**
   * What is written.
   *
   * @param type the type that is watched
   * @param selection which of its objects; what can be known of it at once, the subscription does
   * @param form the form of its objects
   * @param bookmarks whether the client wants bookmarks
   * @param initialEvents whether the end of the initial events is marked with one
   */
  record Format(
      ResourceType type,
      Selection selection,
      Representation form,
      boolean bookmarks,
      boolean initialEvents) {
    /** Whether another server is asked about each event, so that it is not done on event loops. */
    boolean asks() {
      return form.asks() || selection.asks();
    }
  }

  WatchSession(Subscription subscription, ResponseStream stream, Format format, Time time) {
    this.subscription = subscription;
    this.stream = stream;
    this.format = format;
    this.time = time;
    this.initialBookmarkDue = format.initialEvents();
  }

  void start(Duration lifetime, Runnable whenClosed) {
    endTimer = time.after(lifetime, this::end);
    if (format.bookmarks()) {
      bookmarkTimer = time.after(BOOKMARK_PERIOD, this::tick);
    }
    stream.onWritable(this::run);
    // After the timers are set: it may be closed already.
    stream.onClosed(() -> {
      subscription.close();
      stream.execute(this::stop);
      whenClosed.run();
    });
  }

  ResourceType type() {
    return format.type();
  }

  /** From any thread: there is something to do. */
  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      stream.executeInTurn(this::run);
    }
  }

  /** From any thread: ends the watch in order. */
  void end() {
    stream.execute(() -> {
      endDue = true;
      run();
    });
  }

  private void tick() {
    stream.execute(() -> {
      if (!ended) {
        bookmarkDue = true;
        bookmarkTimer = time.after(BOOKMARK_PERIOD, this::tick);
        run();
      }
    });
  }

  private void run() {
    scheduled.set(false);
    int written = 0;
    while (!ended && !asking && stream.writable()) {
      if (written == BURST) {
        // Others on this event loop have their turn first.
        wake();
        break;
      }
      switch (subscription.next()) {
        case Subscription.Next.Event event -> {
          if (format.asks()) {
            ask(event.delivery());
          } else {
            write(event.delivery());
          }
          written++;
        }
        case Subscription.Next.Idle idle -> {
          whenIdle(idle.revision());
          stream.flush();
          return;
        }
        case Subscription.Next.Dropped dropped -> {
          dropped(dropped.reason());
          return;
        }
      }
    }
    stream.flush();
  }

  private void whenIdle(long revision) {
    if (initialBookmarkDue) {
      initialBookmarkDue = false;
      bookmark(revision, true);
    } else if (bookmarkDue || (endDue && format.bookmarks())) {
      bookmark(revision, false);
    }
    bookmarkDue = false;
    if (endDue) {
      finish();
    }
  }

  private void write(Delivery delivery) {
    stream.write(delivery.type().head(), delivery.object().as(format.form()), TAIL);
  }

  /** Has an event rendered elsewhere: nothing else is written until it is there. */
  private void ask(Delivery delivery) {
    asking = true;
    Thread.ofVirtual()
        .name("watch-conversion")
        .start(() -> {
          try {
            Delivery told =
                format.selection().asks() ? format.selection().judged(delivery) : delivery;
            byte[] rendered = told == null ? new byte[0] : told.object().as(format.form());
            stream.execute(() -> {
              asking = false;
              if (told != null) {
                stream.write(told.type().head(), rendered, TAIL);
              }
              run();
            });
          } catch (RuntimeException e) {
            stream.execute(() -> {
              asking = false;
              fail(
                  e instanceof ApiException refusal
                      ? refusal.status()
                      : ApiStatus.of(StatusReason.INTERNAL_ERROR, String.valueOf(e.getMessage())));
            });
          }
        });
  }

  private void fail(ApiStatus status) {
    if (!ended) {
      stream.write(EventType.ERROR.head(), Json.bytes(StatusJson.failure(status)), TAIL);
      finish();
    }
  }

  private void bookmark(long revision, boolean endOfInitialEvents) {
    ObjectNode object = Json.object();
    object.put("kind", format.type().kind().kind());
    object.put("apiVersion", format.type().kind().apiVersion());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("resourceVersion", Long.toString(revision));
    metadata.putNull("creationTimestamp");
    if (endOfInitialEvents) {
      metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
    }
    stream.write(EventType.BOOKMARK.head(), Json.bytes(format.form().bookmark(object)), TAIL);
  }

  private void dropped(Subscription.Reason reason) {
    switch (reason) {
      // The client goes on from the last event that it got.
      case SLOW -> finish();
      case RESET -> {
        fail(
            ApiStatus.of(
                StatusReason.EXPIRED, "The resourceVersion for the provided watch is too old."));
      }
    }
  }

  private void finish() {
    if (!ended) {
      stop();
      stream.end();
    }
  }

  private void stop() {
    ended = true;
    subscription.close();
    cancel(endTimer);
    cancel(bookmarkTimer);
  }

  private static void cancel(Time.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
