package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.runtime.time.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeapRestTest {
  private static final long MEBIBYTE = 1 << 20;

  private final ManualTime time = new ManualTime();
  private final FakeHeap heap = new FakeHeap();
  private final HeapRest rest = new HeapRest(heap, time);

  @AfterEach
  void close() {
    rest.close();
  }

  @Test
  void whatTheStartLeftBehindIsCollectedOnceTheProgramIsAtRest() {
    heap.old = 20 * MEBIBYTE;
    time.advance(HeapRest.PERIOD);
    assertThat(heap.collections).isOne();

    time.advance(HeapRest.PERIOD.multipliedBy(10));
    assertThat(heap.collections).as("nothing has grown").isOne();
  }

  @Test
  void aProgramAtWorkIsLeftAloneUntilItsBurstIsOver() {
    time.advance(HeapRest.PERIOD);
    heap.old = 630 * MEBIBYTE;
    for (int period = 0; period < 5; period++) {
      heap.allocated += HeapRest.BUSY_BYTES + 1;
      time.advance(HeapRest.PERIOD);
    }
    assertThat(heap.collections).isZero();

    time.advance(HeapRest.PERIOD);
    assertThat(heap.collections).isOne();
  }

  @Test
  void growthThatIsSmallBesideWhatLivesIsNotWorthAStop() {
    heap.old = 160 * MEBIBYTE;
    heap.live = 160 * MEBIBYTE;
    time.advance(HeapRest.PERIOD);
    assertThat(heap.collections).isOne();

    heap.old += 19 * MEBIBYTE;
    time.advance(HeapRest.PERIOD);
    assertThat(heap.collections).isOne();

    heap.old += MEBIBYTE;
    time.advance(HeapRest.PERIOD);
    assertThat(heap.collections).isEqualTo(2);
  }

  @Test
  void nothingIsLookedAtAfterTheEnd() {
    rest.close();
    heap.old = 20 * MEBIBYTE;
    time.advance(HeapRest.PERIOD.multipliedBy(3));
    assertThat(heap.collections).isZero();
  }

  @Test
  void theSerialCollectorsFiguresAreRead() throws Exception {
    assertThat(probe("-XX:+UseSerialGC")).isEqualTo("grown, then collected");
    assertThat(probe("-XX:+UseG1GC")).isEqualTo("not serial");
  }

  private static String probe(String collector) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                java, collector, "-Xms64m", "-Xmx64m", "-cp", classes, Probe.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  /** A program of its own, since a JVM has one collector from its start to its end. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] none) {
      System.out.println(SerialHeap.ofThisProgram().map(Probe::use).orElse("not serial"));
    }

    private static String use(HeapRest.Heap heap) {
      long before = heap.allocated();
      // Larger than the young generation, so that it is old at once.
      touch((int) (24 * MEBIBYTE));
      for (int i = 0; i < 100; i++) {
        touch((int) MEBIBYTE);
      }
      boolean grown = heap.allocated() > before && heap.old() > 20 * MEBIBYTE;
      heap.collect();
      boolean collected =
          heap.old() < 20 * MEBIBYTE
              && heap.oldAfterCollection() > 0
              && heap.oldAfterCollection() < 20 * MEBIBYTE;
      return (grown ? "grown" : "not grown") + ", then " + (collected ? "collected" : "kept");
    }

    private static void touch(int bytes) {
      if (new byte[bytes].length != bytes) {
        throw new AssertionError();
      }
    }
  }

  private static final class FakeHeap implements HeapRest.Heap {
    private long allocated;
    private long old;
    private long live;
    private long lived;
    private int collections;

    @Override
    public long allocated() {
      return allocated;
    }

    @Override
    public long old() {
      return old;
    }

    @Override
    public long oldAfterCollection() {
      return lived;
    }

    @Override
    public void collect() {
      collections++;
      old = live;
      lived = live;
    }
  }
}
