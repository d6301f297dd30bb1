package dev.coxswain.apiserver.audit;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to another server, many at a time. One thread gathers them into batches; several
 * batches may be under way. What cannot be sent after some attempts is lost, which is counted.
 */
final class AuditWebhook implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(AuditWebhook.class);

  private static final String PLUGIN = "webhook";

  /** Where events are lost that find no room, as upstream calls it. */
  private static final String BUFFER = "buffered";

  /** How many lost events there are to a line about them. */
  private static final int TELL_EVERY = 1_000;

  /** How many batches are under way at once. */
  private static final int CONCURRENT = 16;

  /** How many bytes of events may wait. */
  private static final long MAX_WAITING_BYTES = 64L << 20;

  /** How often a batch is sent before it is given up, and what the pause grows by. */
  private static final int ATTEMPTS = 5;

  private static final double BACKOFF_FACTOR = 1.5;

  /** How long a request waits for its event to arrive. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How long a server that stops waits for batches under way. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private static final byte[] HEAD =
      "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
          .getBytes(StandardCharsets.US_ASCII);

  private final Sender sender;
  private final Settings settings;
  private final AuditMetrics metrics;
  private final Time time;
  private final BlockingQueue<Entry> waiting;
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Semaphore places = new Semaphore(CONCURRENT);
  private final @Nullable Throttle throttle;
  private final Thread gatherer;
  private volatile boolean closed;

  /** Whether the gatherer has ended its work but for what is left, and nothing may disturb that. */
  private volatile boolean leaving;

  /** How requests and events go together. */
  enum Mode {
    /** No request waits for an event. */
    BATCH,
    /** An answer goes out when its event has arrived, or could not be sent. */
    BLOCKING,
    /** Also, a request whose first event cannot be sent is refused. */
    BLOCKING_STRICT
  }

  /**
   * How events are gathered.
   *
   * @param buffer how many events may wait
   * @param batch how many are sent at once
   * @param longestWait how long a batch waits for more
   * @param perSecond how many batches are sent in a second; 0 for as many as come
   * @param burst how many may be sent at once where few were before
   * @param backoff the pause after a first failure
   * @param fullBytes from how many bytes on a batch is full
   */
  record Settings(
      Mode mode,
      int buffer,
      int batch,
      Duration longestWait,
      double perSecond,
      int burst,
      Duration backoff,
      int fullBytes) {}

  /** Sends the JSON of an {@code EventList}. */
  interface Sender extends AutoCloseable {
    /**
     * Sends once.
     *
     * @throws IOException where it did not arrive and may be sent again
     * @throws RejectedException where it will never be taken
     */
    void send(byte[] events) throws IOException, InterruptedException, RejectedException;

    @Override
    void close();
  }

  /** The other server will not have it. */
  static final class RejectedException extends Exception {
    private static final long serialVersionUID = 1L;

    RejectedException(String message) {
      super(message);
    }
  }

  /** An event and whether it arrived. */
  @SuppressWarnings("ArrayRecordComponent") // Sent, never compared.
  private record Entry(byte[] event, CompletableFuture<Boolean> arrived) {}

  AuditWebhook(Sender sender, Settings settings, AuditMetrics metrics, Time time) {
    this.sender = sender;
    this.settings = settings;
    this.metrics = metrics;
    this.time = time;
    this.waiting = new ArrayBlockingQueue<>(settings.buffer());
    this.throttle =
        settings.perSecond() > 0
            ? new Throttle(settings.perSecond(), settings.burst(), time)
            : null;
    this.gatherer = Thread.ofVirtual().name("audit-webhook").start(this::run);
  }

  @Override
  public void awaitWritable() {
    // What cannot be sent is lost here, and holds up nobody.
  }

  @Override
  public void begin(byte[] event) throws InterruptedException {
    if (!deliver(event) && settings.mode() == Mode.BLOCKING_STRICT) {
      metrics.rejected();
      throw new ApiException(
          StatusReason.INTERNAL_ERROR, "Internal error occurred: failed to store audit event");
    }
  }

  @Override
  public void add(byte[] event) {
    var _ = enqueue(event);
  }

  @Override
  public void addAndWait(byte[] event) throws InterruptedException {
    deliver(event);
  }

  /** Returns whether the event arrived, as far as that is waited for. */
  private boolean deliver(byte[] event) throws InterruptedException {
    CompletableFuture<Boolean> arrived = enqueue(event);
    if (settings.mode() == Mode.BATCH) {
      return true;
    }
    try {
      return arrived.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private CompletableFuture<Boolean> enqueue(byte[] event) {
    Entry entry = new Entry(event, new CompletableFuture<>());
    boolean room = waitingBytes.addAndGet(event.length) <= MAX_WAITING_BYTES;
    boolean taken = room && !closed && waiting.offer(entry);
    // What comes too late for the gatherer is taken back here, or was found by it after all.
    if (!taken || (leaving && waiting.remove(entry))) {
      waitingBytes.addAndGet(-event.length);
      metrics.failed(BUFFER, 1);
      if (lost.getAndIncrement() % TELL_EVERY == 0) {
        log.error(
            "audit: too many events wait for the webhook: {} are lost since the start", lost.get());
      }
      entry.arrived().complete(false);
    }
    return entry.arrived();
  }

  private void run() {
    List<Entry> batch = new ArrayList<>();
    try {
      while (!closed) {
        gather(batch);
        if (throttle != null) {
          throttle.pass();
        }
        places.acquire();
        List<Entry> full = List.copyOf(batch);
        batch.clear();
        Thread.ofVirtual().name("audit-webhook-batch").start(() -> sendInPlace(full));
      }
    } catch (InterruptedException e) {
      log.debug("audit: the webhook is closed");
    } finally {
      leave();
      waiting.drainTo(batch);
      if (!batch.isEmpty()) {
        send(batch, 1);
      }
    }
  }

  /** From here on, nobody interrupts; whoever has done so wanted no more than this. */
  private synchronized void leave() {
    leaving = true;
    var _ = Thread.interrupted();
  }

  /** Waits for the first event, and in batch mode for more until the batch is full or old. */
  private void gather(List<Entry> batch) throws InterruptedException {
    int bytes = take(waiting.take(), batch);
    long deadline = time.nanos() + settings.longestWait().toNanos();
    while (batch.size() < settings.batch() && bytes < settings.fullBytes()) {
      Entry next =
          settings.mode() == Mode.BATCH
              ? waiting.poll(deadline - time.nanos(), TimeUnit.NANOSECONDS)
              : waiting.poll();
      if (next == null) {
        return;
      }
      bytes += take(next, batch);
    }
  }

  private int take(Entry entry, List<Entry> batch) {
    batch.add(entry);
    waitingBytes.addAndGet(-entry.event().length);
    return entry.event().length;
  }

  private void sendInPlace(List<Entry> batch) {
    try {
      send(batch, ATTEMPTS);
    } finally {
      places.release();
    }
  }

  private void send(List<Entry> batch, int attempts) {
    boolean arrived = false;
    try {
      arrived = attempt(body(batch), attempts, batch.size());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!arrived) {
        metrics.failed(PLUGIN, batch.size());
      }
      for (Entry entry : batch) {
        entry.arrived().complete(arrived);
      }
    }
  }

  private boolean attempt(byte[] body, int attempts, int events) throws InterruptedException {
    Duration pause = settings.backoff();
    for (int attempt = 1; ; attempt++) {
      try {
        sender.send(body);
        return true;
      } catch (RejectedException e) {
        log.error("audit: the webhook takes no {} events: {}", events, e.getMessage());
        return false;
      } catch (IOException e) {
        if (attempt >= attempts || closed) {
          log.error("audit: {} events are lost: the webhook: {}", events, e.getMessage());
          return false;
        }
        log.warn("audit: the webhook: {}; {} events are sent again", e.getMessage(), events);
      }
      time.sleep(pause);
      pause = Duration.ofNanos((long) (pause.toNanos() * BACKOFF_FACTOR));
    }
  }

  private static byte[] body(List<Entry> batch) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(HEAD);
    for (int i = 0; i < batch.size(); i++) {
      if (i > 0) {
        body.write(',');
      }
      body.writeBytes(batch.get(i).event());
    }
    body.write(']');
    body.write('}');
    return body.toByteArray();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (!leaving) {
        gatherer.interrupt();
      }
    }
    try {
      gatherer.join(FAREWELL);
      if (places.tryAcquire(CONCURRENT, FAREWELL.toNanos(), TimeUnit.NANOSECONDS)) {
        places.release(CONCURRENT);
      } else {
        log.warn("audit: the webhook has not taken all events yet");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sender.close();
  }
}
