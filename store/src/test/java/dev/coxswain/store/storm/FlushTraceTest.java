package dev.coxswain.store.storm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The trace is read rightly: what is not flushed, or flushed before it was written, does not count.
 */
final class FlushTraceTest {
  private static final String WRITTEN =
      "71 100.000100 pwrite64(9</data/log_inprogress_0>, \"..value-1..\", 64, 8) = 64 <0.000020>";

  @Test
  void theFlushAfterTheWriteCounts() {
    FlushTrace trace =
        new FlushTrace(
            List.of(WRITTEN, "71 100.000200 fdatasync(9</data/log_inprogress_0>) = 0 <0.000300>"));
    assertThat(trace.flushed("value-1").orElseThrow()).isBetween(100.000499, 100.000501);
    assertThat(trace.flushed("value-2")).isEmpty();
  }

  @Test
  void aFlushThatBeganBeforeDoesNot() {
    assertThat(
            new FlushTrace(
                    List.of(
                        "71 100.000050 fdatasync(9</data/log_inprogress_0>) = 0 <0.000300>",
                        WRITTEN))
                .flushed("value-1"))
        .isEmpty();
  }

  @Test
  void norDoesOneOfAnotherFileOrOneThatFailed() {
    assertThat(
            new FlushTrace(
                    List.of(
                        WRITTEN,
                        "71 100.000200 fdatasync(8</data/snapshot>) = 0 <0.000300>",
                        "71 100.000300 fdatasync(9</data/log_inprogress_0>) = -1 EIO <0.000300>"))
                .flushed("value-1"))
        .isEmpty();
  }

  @Test
  void callsThatOtherThreadsInterruptAreJoined() {
    assertThat(
            new FlushTrace(
                    List.of(
                        WRITTEN,
                        "71 100.000200 fdatasync(9</data/log_inprogress_0> <unfinished ...>",
                        "72 100.000210 write(3</log>, \"x\", 1) = 1 <0.000001>",
                        "71 100.000900 <... fdatasync resumed>) = 0 <0.000700>"))
                .flushed("value-1")
                .orElseThrow())
        .isBetween(100.000899, 100.000901);
  }
}
