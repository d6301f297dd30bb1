package dev.coxswain.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.store.etcd.ClientLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** etcd's flags, and what they are without being given. */
final class ClientLimitOptionsTest {
  private static ClientLimits limits(String... arguments) {
    ClientLimitOptions options = new ClientLimitOptions();
    new CommandLine(options).parseArgs(arguments);
    return options.limits();
  }

  @Test
  void defaultsAreThoseOfEtcd() {
    assertThat(limits())
        .isEqualTo(
            new ClientLimits(
                128,
                1_572_864,
                Duration.ofSeconds(5),
                Duration.ofHours(2),
                Duration.ofSeconds(20),
                4_294_967_295L));
  }

  @Test
  void eachIsSetByItsFlag() {
    assertThat(
            limits(
                "--max-txn-ops=7",
                "--max-request-bytes=1000",
                "--grpc-keepalive-min-time=1m30s",
                "--grpc-keepalive-interval=0",
                "--grpc-keepalive-timeout=500ms",
                "--max-concurrent-streams=9"))
        .isEqualTo(
            new ClientLimits(
                7, 1000, Duration.ofSeconds(90), Duration.ZERO, Duration.ofMillis(500), 9));
    assertThatThrownBy(() -> limits("--grpc-keepalive-interval=soon"))
        .hasMessage("--grpc-keepalive-interval: \"soon\" is not a duration such as 40s or 1m30s");
  }

  @Test
  void spansAreReadAsEtcdSpellsThemAndAsIso8601Does() {
    assertThat(new Spans().convert("1m30s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(new Spans().convert("PT1M30S")).isEqualTo(Duration.ofSeconds(90));
    assertThatThrownBy(() -> new Spans().convert("P1X"))
        .hasMessage("\"P1X\" is not a duration such as 10m or 1m30s");
  }
}
