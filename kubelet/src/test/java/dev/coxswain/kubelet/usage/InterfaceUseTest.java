package dev.coxswain.kubelet.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.usage.InterfaceUse.Direction;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InterfaceUseTest {

  @Test
  void theKernelsTableIsReadWithoutLoopback() {
    assertThat(
            InterfaceUse.parse(
                List.of(
                    "Inter-|   Receive                          |  Transmit",
                    " face |bytes    packets errs drop fifo frame compressed multicast|bytes ...",
                    "    lo: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0",
                    "  eth0:1234      5    2    7    0     0          0         0      777       6"
                        + "    3    8    0     0       0          0")))
        .containsExactly(
            new InterfaceUse("eth0", new Direction(1234, 5, 2, 7), new Direction(777, 6, 3, 8)));
  }
}
