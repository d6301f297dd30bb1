package dev.coxswain.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.LeaderElector.Timing;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class LeaderElectionOptionsTest {
  @Test
  void whatNoFlagGivesIsAsItWas() {
    assertThat(read().elect()).isTrue();
    assertThat(read().timing(Timing.DEFAULT)).isEqualTo(Timing.DEFAULT);
  }

  @Test
  void eachFlagCountsByItself() {
    LeaderElectionOptions slow =
        read("--leader-elect-lease-duration=1m", "--leader-elect-renew-deadline=40s");
    assertThat(slow.timing(Timing.DEFAULT))
        .isEqualTo(
            new Timing(Duration.ofMinutes(1), Duration.ofSeconds(40), Timing.DEFAULT.retry()));
    assertThat(read("--leader-elect=false").elect()).isFalse();
    assertThat(read("--leader-elect").elect()).isTrue();
  }

  @Test
  void aFlagComesBeforeAFile() {
    assertThat(read("--leader-elect=false").elect(true)).isFalse();
    assertThat(read("--leader-elect").elect(false)).isTrue();
    assertThat(read().elect(false)).isFalse();
    ObjectKey fallback = new ObjectKey("kube-system", "demo");
    assertThat(read().lease(fallback)).isEqualTo(fallback);
    assertThat(read("--leader-elect-resource-name=mine").lease(fallback))
        .isEqualTo(new ObjectKey("kube-system", "mine"));
    assertThat(read("--leader-elect-resource-namespace=own").lease(fallback))
        .isEqualTo(new ObjectKey("own", "demo"));
  }

  @Test
  void timesThatDoNotFitAreRefused() {
    LeaderElectionOptions late = read("--leader-elect-renew-deadline=7s");
    assertThatThrownBy(() -> late.timing(Timing.DEFAULT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lease > renew deadline > retry pause");
    LeaderElectionOptions wrong = read("--leader-elect-retry-period=soon");
    assertThatThrownBy(() -> wrong.timing(Timing.DEFAULT))
        .hasMessage("--leader-elect-retry-period: \"soon\" is not a duration such as 40s or 1m30s");
  }

  private static LeaderElectionOptions read(String... arguments) {
    var options = new LeaderElectionOptions();
    new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("election", mixin(options)))
        .parseArgs(arguments);
    return options;
  }

  private static CommandLine.Model.CommandSpec mixin(LeaderElectionOptions options) {
    return CommandLine.Model.CommandSpec.forAnnotatedObject(options);
  }
}
