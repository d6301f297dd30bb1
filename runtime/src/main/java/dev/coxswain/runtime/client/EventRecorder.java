package dev.coxswain.runtime.client;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people what happened to an object, as core/v1 Events. The same news again raises the count
 * of the event that is there, and of many that differ only in words all but the first are told by
 * one event: who fails for ever, each time with another name, fills no store. Never blocks and
 * never fails its caller: when the API server is slower than the news, the oldest news that waits
 * is dropped and counted in the log. While no API server is reached, the news waits for it for as
 * long as upstream's does.
 */
public final class EventRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

  /** Events that wait to be written. */
  static final int WAITING_LIMIT = 1_000;

  /** Events that are remembered to be counted up; the longest unused is forgotten first. */
  static final int REMEMBERED_LIMIT = 2_000;

  /** Upstream's bound for an event's message, in characters. */
  private static final int MESSAGE_LIMIT = 1_024;

  /** How often news is told while no server is reached: over a minute and a half, by its pauses. */
  static final int MAX_TRIES = 12;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** News that differ only in words of which so many are told each by itself; as upstream. */
  private static final int TOLD_APART = 9;

  /** After so long without such news they are told each by itself again; as upstream. */
  private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);

  /** How the message of an event begins that tells several news; upstream's words. */
  private static final String COMBINED = "(combined from similar events): ";

  private final ResourceClient<Event> events;
  private final String component;
  private final String host;
  private final Time time;
  private final Queue<News> waiting = new ArrayDeque<>();
  private final Map<News, Event> remembered = forgetful();
  private final Map<News, Similar> similar = forgetful();
  private final Thread writer;
  private long dropped;
  private long lastNanos;
  private boolean closed;

  /** Whether the writer waits for a server to come back. */
  private boolean pausing;

  private record News(
      ObjectReference about, boolean warning, String reason, String message, Instant at) {
    /** The same with other words. */
    News saying(String other) {
      return new News(about, warning, reason, other, at);
    }

    /** Neither the version of the object nor the time makes it other news. */
    News identity() {
      return new News(
          new ObjectReferenceBuilder(about).withResourceVersion(null).build(),
          warning,
          reason,
          message,
          Instant.EPOCH);
    }
  }

  /** The first words of news that differ in nothing else, and when the last of them came. */
  private static final class Similar {
    private final Set<String> messages = new HashSet<>();
    private long lastNanos;
  }

  /**
   * Starts the writer, on a virtual thread.
   *
   * @param component who tells, such as {@code default-scheduler}
   * @param host the machine; empty where it does not matter
   */
  public EventRecorder(ApiClient client, String component, String host, Time time) {
    this.events = client.resource(Event.class);
    this.component = component;
    this.host = host;
    this.time = time;
    this.writer = Thread.ofVirtual().name("event-recorder").start(this::run);
  }

  /** Something happened to an object. */
  public void event(HasMetadata about, boolean warning, String reason, String message) {
    event(
        new ObjectReferenceBuilder()
            .withApiVersion(about.getApiVersion())
            .withKind(about.getKind())
            .withNamespace(about.getMetadata().getNamespace())
            .withName(about.getMetadata().getName())
            .withUid(about.getMetadata().getUid())
            .withResourceVersion(about.getMetadata().getResourceVersion())
            .build(),
        warning,
        reason,
        message);
  }

  /** Something happened to what the reference names. */
  public void event(ObjectReference about, boolean warning, String reason, String message) {
    String text = cut(message);
    synchronized (waiting) {
      if (closed) {
        return;
      }
      if (waiting.size() >= WAITING_LIMIT) {
        waiting.poll();
        if (dropped++ == 0) {
          LOG.warn("events are dropped: {} wait for the API server already", WAITING_LIMIT);
        }
      }
      waiting.add(new News(about, warning, reason, text, time.now()));
      waiting.notifyAll();
    }
  }

  private void run() {
    try {
      while (true) {
        News news = take();
        if (news == null) {
          return;
        }
        try {
          write(news);
        } catch (ApiException e) {
          LOG.debug("an event was not written: {}: {}", news.message(), e.getMessage());
        } catch (RuntimeException e) {
          LOG.error("an event was not written: {}", news.message(), e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("the event recorder was stopped");
    }
  }

  private @Nullable News take() throws InterruptedException {
    synchronized (waiting) {
      while (waiting.isEmpty() && !closed) {
        waiting.wait();
      }
      if (waiting.size() < WAITING_LIMIT / 2 && dropped > 0) {
        LOG.warn("{} events were dropped", dropped);
        dropped = 0;
      }
      return waiting.poll();
    }
  }

  private void write(News news) throws InterruptedException {
    boolean together = isOneOfMany(news);
    News told = together ? news.saying(cut(COMBINED + news.message())) : news;
    News identity = (together ? news.saying(COMBINED) : news).identity();
    Event before = remembered.get(identity);
    if (before != null) {
      Optional<Event> counted = persistently(() -> countUp(before, told));
      if (counted.isPresent()) {
        remembered.put(identity, counted.get());
        return;
      }
    }
    // Made once, so that a second try of one that came through finds it by its name.
    Event made = event(told);
    remembered.put(identity, persistently(() -> create(made)));
  }

  private Event create(Event event) {
    try {
      return events.create(event);
    } catch (ApiException e) {
      if (e.is(StatusReason.ALREADY_EXISTS)) {
        return event;
      }
      throw e;
    }
  }

  /** Asks again while no server is reached; what a server refuses stays refused. */
  private <R> R persistently(Supplier<R> call) throws InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return call.get();
      } catch (ApiException e) {
        boolean unreached = e.is(StatusReason.SERVICE_UNAVAILABLE) || e.is(StatusReason.TIMEOUT);
        if (!unreached || tries == MAX_TRIES || !pause(tries)) {
          throw e;
        }
      }
    }
  }

  /** Gives the server time to come back; false when there is none left. */
  private boolean pause(int tries) throws InterruptedException {
    synchronized (waiting) {
      if (closed) {
        return false;
      }
      pausing = true;
    }
    try {
      time.sleep(Backoff.pause(FIRST_PAUSE, LONGEST_PAUSE, tries - 1));
    } catch (InterruptedException e) {
      synchronized (waiting) {
        if (!closed) {
          throw e;
        }
      }
    } finally {
      synchronized (waiting) {
        pausing = false;
        if (closed) {
          // Who was woken because this is closed tries once more.
          var _ = Thread.interrupted();
        }
      }
    }
    return true;
  }

  /** Whether so many news that differ only in words came lately that these have no event alone. */
  private boolean isOneOfMany(News news) {
    Similar known = similar.computeIfAbsent(news.saying("").identity(), _ -> new Similar());
    long now = time.nanos();
    if (now - known.lastNanos > SIMILAR_WITHIN.toNanos()) {
      known.messages.clear();
    }
    known.lastNanos = now;
    if (known.messages.size() < TOLD_APART) {
      known.messages.add(news.message());
    }
    return !known.messages.contains(news.message());
  }

  private static String cut(String message) {
    return message.length() > MESSAGE_LIMIT ? message.substring(0, MESSAGE_LIMIT) : message;
  }

  /** A map that forgets the longest unused where it would grow beyond {@link #REMEMBERED_LIMIT}. */
  private static <V> Map<News, V> forgetful() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<News, V> eldest) {
        return size() > REMEMBERED_LIMIT;
      }
    };
  }

  /** Empty when the event is gone (the server lets events run out). */
  private Optional<Event> countUp(Event before, News news) {
    int count = before.getCount() == null ? 2 : before.getCount() + 1;
    var change = Json.object().put("count", count).put("lastTimestamp", timestamp(news));
    if (!news.message().equals(before.getMessage())) {
      change.put("message", news.message());
    }
    try {
      return Optional.of(
          events.patch(
              new ObjectKey(before.getMetadata().getNamespace(), before.getMetadata().getName()),
              new Patch.Merge(change.toString())));
    } catch (ApiException e) {
      if (e.is(StatusReason.NOT_FOUND)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Event event(News news) {
    String objectNamespace = Objects.requireNonNullElse(news.about().getNamespace(), "");
    String namespace = objectNamespace.isEmpty() ? "default" : objectNamespace;
    String now = timestamp(news);
    // Upstream's form of the name: the object's, and a time that no other event has.
    String name = news.about().getName() + "." + Long.toHexString(uniqueNanos());
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .withInvolvedObject(news.about())
        .withType(news.warning() ? "Warning" : "Normal")
        .withReason(news.reason())
        .withMessage(news.message())
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .withNewSource()
        .withComponent(component)
        .withHost(host.isEmpty() ? null : host)
        .endSource()
        .withReportingComponent(component)
        .withReportingInstance(host)
        .build();
  }

  /** When it happened, however late it is written. */
  private static String timestamp(News news) {
    return news.at().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private long uniqueNanos() {
    var now = time.now();
    lastNanos = Math.max(lastNanos + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
    return lastNanos;
  }

  /** Writes nothing more but what waits, for at most a call's deadline. */
  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.notifyAll();
      if (pausing) {
        writer.interrupt();
      }
    }
    try {
      writer.join(HttpApiClient.CALL_DEADLINE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }
}
