package dev.coxswain.apiserver.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coxswain.runtime.time.SystemTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AuditLogTest {
  private final Disk disk = new Disk();
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AuditLog log = new AuditLog(disk, new AuditMetrics(registry), new SystemTime());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** One that may be full. */
  private static class Disk implements AuditLog.Target {
    private final List<String> lines = new ArrayList<>();
    private boolean full;

    @Override
    public void write(List<byte[]> more) throws IOException {
      synchronized (this) {
        if (full) {
          throw new IOException("No space left on device");
        }
        more.forEach(line -> lines.add(new String(line, StandardCharsets.UTF_8)));
      }
    }

    synchronized void full(boolean now) {
      full = now;
    }

    synchronized List<String> lines() {
      return List.copyOf(lines);
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void close() {
    log.close();
    threads.shutdownNow();
  }

  private static byte[] line(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private double errors() {
    return registry.scrape(name -> name.equals("apiserver_audit_error")).stream()
        .flatMap(snapshot -> snapshot.getDataPoints().stream())
        .mapToDouble(point ->
            ((io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot) point)
                .getValue())
        .sum();
  }

  @Test
  void whoWaitsForALineFindsItWritten() throws InterruptedException {
    log.add(line("one"));
    log.addAndWait(line("two"));
    assertThat(disk.lines()).containsExactly("one", "two");
  }

  @Test
  void aFullDiskIsCountedRequestsWaitAndNothingIsLost() throws Exception {
    disk.full(true);
    Future<?> answered =
        threads.submit(() -> {
          log.addAndWait(line("one"));
          return null;
        });
    await().until(() -> errors() > 0);
    Future<?> begun =
        threads.submit(() -> {
          log.awaitWritable();
          return null;
        });
    log.add(line("two"));
    assertThat(begun.isDone()).isFalse();
    assertThat(answered.isDone()).isFalse();
    disk.full(false);
    answered.get();
    begun.get();
    await().untilAsserted(() -> assertThat(disk.lines()).containsExactly("one", "two"));
  }

  @Test
  void aLineThatIsBeingWrittenAtTheEndIsWritten() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Disk slow =
        new Disk() {
          @Override
          public void write(List<byte[]> more) throws IOException {
            begun.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              // As a channel is.
              throw new ClosedByInterruptException();
            }
            super.write(more);
          }
        };
    AuditLog ending =
        new AuditLog(slow, new AuditMetrics(new PrometheusRegistry()), new SystemTime());
    ending.add(line("one"));
    begun.await();
    Thread closing = Thread.startVirtualThread(ending::close);
    await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
    goOn.countDown();
    closing.join();
    assertThat(slow.lines()).containsExactly("one");
  }

  @Test
  void whatWaitsIsWrittenBeforeTheEnd() {
    for (int i = 0; i < 1000; i++) {
      log.add(line("line " + i));
    }
    log.close();
    assertThat(disk.lines()).hasSize(1000).startsWith("line 0").endsWith("line 999");
  }
}
