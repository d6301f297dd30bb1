package dev.coxswain.kubelet.event;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the API, one after the other. The same event again raises the count of the one
 * that is there. What cannot be written is dropped: events are for people, and the newest matter.
 */
public final class EventWriter implements PodEvents, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);

  /** Events that wait for the API server. */
  private static final int MOST_WAITING = 1000;

  /** Events whose repetition is recognized. */
  private static final int MOST_KNOWN = 2000;

  private record Told(
      Pod pod, String container, String type, String reason, String message, String at) {
    String identity() {
      return pod.getMetadata().getUid()
          + "/"
          + container
          + "/"
          + type
          + "/"
          + reason
          + "/"
          + message;
    }
  }

  private final BlockingQueue<Told> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Map<String, Event> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Event> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  private final ResourceClient<Event> events;
  private final String node;
  private final Time time;
  private @Nullable Thread thread;

  /** Writes as the kubelet of this node. */
  public EventWriter(ApiClient api, String node, Time time) {
    this.events = api.resource(Event.class);
    this.node = node;
    this.time = time;
  }

  /** Starts writing on a thread of its own. */
  public void start() {
    thread = Thread.ofVirtual().name("events").start(this::run);
  }

  @Override
  public void normal(Pod pod, String container, String reason, String message) {
    tell(pod, container, "Normal", reason, message);
  }

  @Override
  public void warning(Pod pod, String container, String reason, String message) {
    tell(pod, container, "Warning", reason, message);
  }

  private void tell(Pod pod, String container, String type, String reason, String message) {
    String at = time.now().truncatedTo(ChronoUnit.SECONDS).toString();
    if (!waiting.offer(new Told(pod, container, type, reason, message, at))) {
      LOG.debug("An event was dropped: {} {}", reason, message);
    }
  }

  private void run() {
    try {
      while (true) {
        write(waiting.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(Told told) {
    try {
      @Nullable Event before = known.get(told.identity());
      if (before != null) {
        Optional<Event> current =
            events.find(
                new ObjectKey(before.getMetadata().getNamespace(), before.getMetadata().getName()));
        if (current.isPresent()) {
          Event repeated =
              new EventBuilder(current.get())
                  .withCount(current.get().getCount() == null ? 2 : current.get().getCount() + 1)
                  .withLastTimestamp(told.at())
                  .build();
          known.put(told.identity(), events.update(repeated));
          return;
        }
      }
      known.put(told.identity(), events.create(event(told)));
    } catch (ApiException failure) {
      // A namespace that is being deleted takes no events any more: that is no news.
      if (!failure.is(StatusReason.FORBIDDEN) && !failure.is(StatusReason.NOT_FOUND)) {
        LOG.warn("Event {} is not written: {}", told.reason(), failure.getMessage());
      }
    }
  }

  private Event event(Told told) {
    String name =
        told.pod().getMetadata().getName()
            + "."
            + Long.toHexString(ChronoUnit.NANOS.between(Instant.EPOCH, time.now()));
    EventBuilder builder =
        new EventBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(told.pod().getMetadata().getNamespace())
            .endMetadata()
            .withNewInvolvedObject()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName(told.pod().getMetadata().getName())
            .withNamespace(told.pod().getMetadata().getNamespace())
            .withUid(told.pod().getMetadata().getUid())
            .withResourceVersion(told.pod().getMetadata().getResourceVersion())
            .withFieldPath(
                told.container().isEmpty() ? null : "spec.containers{" + told.container() + "}")
            .endInvolvedObject()
            .withType(told.type())
            .withReason(told.reason())
            .withMessage(told.message())
            .withCount(1)
            .withFirstTimestamp(told.at())
            .withLastTimestamp(told.at())
            .withNewSource("kubelet", node)
            .withReportingComponent("kubelet")
            .withReportingInstance(node);
    return builder.build();
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
