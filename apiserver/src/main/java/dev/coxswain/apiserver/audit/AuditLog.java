package dev.coxswain.apiserver.audit;

import dev.coxswain.api.status.ApiException;
import dev.coxswain.api.status.ApiStatus;
import dev.coxswain.api.status.StatusReason;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log that events go to, a line each. One thread writes whatever waits in one go. What cannot
 * be written is tried until it can: meanwhile no further audited request is begun, so that nothing
 * happens of which nothing is told.
 */
final class AuditLog implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(AuditLog.class);

  /** Ends the writer's wait for a line. */
  private static final Line NOTHING = new Line(new byte[0], new CountDownLatch(0));

  private static final String PLUGIN = "log";

  /** How many lines may wait: those of all requests that can be under way, many times over. */
  static final int MAX_WAITING = 10_000;

  /** How many lines are written in one go. */
  private static final int BATCH = 256;

  /** How long a request waits for a log that cannot be written. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How long until a failed write is tried again. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How many failed attempts pass between two lines about them. */
  private static final int TELL_EVERY = 60;

  private final Target target;
  private final AuditMetrics metrics;
  private final Time time;
  private final BlockingQueue<Line> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread writer;
  private volatile @Nullable Outage outage;
  private volatile boolean closed;

  /** Where lines end up. */
  interface Target extends AutoCloseable {
    /**
     * Writes all lines, each with its line feed, or, as far as it can, none.
     *
     * @throws IOException where it cannot; the same lines come again
     */
    void write(List<byte[]> lines) throws IOException;

    @Override
    void close() throws IOException;
  }

  private record Outage(String why, CountDownLatch over) {}

  @SuppressWarnings("ArrayRecordComponent") // Written, never compared.
  private record Line(byte[] bytes, CountDownLatch written) {}

  AuditLog(Target target, AuditMetrics metrics, Time time) {
    this.target = target;
    this.metrics = metrics;
    this.time = time;
    this.writer = Thread.ofPlatform().daemon().name("audit-log").start(this::run);
  }

  /**
   * Returns as soon as the log can be written.
   *
   * @throws ApiException with reason {@code ServiceUnavailable} where it cannot for too long
   */
  @Override
  public void awaitWritable() throws InterruptedException {
    Outage now = outage;
    if (now != null && !now.over().await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      metrics.rejected();
      throw new ApiException(
          new ApiStatus(
              StatusReason.SERVICE_UNAVAILABLE.code(),
              StatusReason.SERVICE_UNAVAILABLE,
              "the audit log cannot be written: " + now.why(),
              new ApiStatus.Details("", "", "", "", List.of(), 1)));
    }
  }

  @Override
  public void begin(byte[] line) {
    add(line);
  }

  /** Adds a line without waiting for anything. */
  @Override
  public void add(byte[] line) {
    enqueue(new Line(line, new CountDownLatch(1)));
  }

  /** Adds a line and waits until it is written, or for {@link #PATIENCE}. */
  @Override
  public void addAndWait(byte[] line) throws InterruptedException {
    Line entry = new Line(line, new CountDownLatch(1));
    if (enqueue(entry)) {
      boolean written = entry.written().await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      if (!written) {
        log.debug("a request is answered while its audit event still waits to be written");
      }
    }
  }

  private boolean enqueue(Line line) {
    if (waiting.offer(line)) {
      return true;
    }
    metrics.failed(PLUGIN, 1);
    log.error("audit: {} events wait to be written, and one more is lost", MAX_WAITING);
    return false;
  }

  private void run() {
    List<Line> batch = new ArrayList<>(BATCH);
    try {
      while (!closed || !waiting.isEmpty()) {
        Line first = waiting.poll(1, TimeUnit.HOURS);
        if (first != null) {
          batch.add(first);
          waiting.drainTo(batch, BATCH - 1);
          batch.removeIf(NOTHING::equals);
          if (!batch.isEmpty()) {
            write(batch);
          }
          batch.clear();
        }
      }
    } catch (InterruptedException e) {
      drain(batch);
    }
  }

  private void write(List<Line> batch) throws InterruptedException {
    List<byte[]> lines = batch.stream().map(Line::bytes).toList();
    for (int attempt = 0; ; attempt++) {
      try {
        target.write(lines);
        recovered();
        batch.forEach(line -> line.written().countDown());
        return;
      } catch (IOException e) {
        failed(e, attempt, lines.size());
        if (closed) {
          log.error("audit: {} events are lost: {}", batch.size() + waiting.size(), reason(e));
          metrics.failed(PLUGIN, batch.size() + waiting.size());
          batch.clear();
          waiting.clear();
          return;
        }
        time.sleep(PAUSE);
      }
    }
  }

  /** The server goes: what still waits is written if it can be. */
  private void drain(List<Line> batch) {
    waiting.drainTo(batch);
    if (batch.isEmpty()) {
      return;
    }
    try {
      target.write(batch.stream().map(Line::bytes).toList());
      batch.forEach(line -> line.written().countDown());
    } catch (IOException e) {
      log.error("audit: {} events are lost: {}", batch.size(), reason(e));
      metrics.failed(PLUGIN, batch.size());
    }
  }

  private void failed(IOException e, int attempt, int lines) {
    if (outage == null) {
      outage = new Outage(reason(e), new CountDownLatch(1));
    }
    metrics.failed(PLUGIN, attempt == 0 ? lines : 0);
    if (attempt % TELL_EVERY == 0) {
      log.error("audit: the log cannot be written: {}; requests wait until it can", reason(e));
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private void recovered() {
    Outage was = outage;
    if (was != null) {
      outage = null;
      was.over().countDown();
      log.info("audit: the log can be written again");
    }
  }

  @Override
  public void close() {
    closed = true;
    // Not by an interrupt, which would close a file that is being written to. Where there is no
    // room for it, the writer does not wait.
    var _ = waiting.offer(NOTHING);
    try {
      if (!writer.join(PATIENCE)) {
        writer.interrupt();
      }
      target.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.warn("audit: the log cannot be closed: {}", reason(e));
    }
  }
}
