package dev.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.cluster.Daemon;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class ValueLabelsTest {
  private enum Colour {
    RED,
    GREEN
  }

  @Command(name = "sail")
  private static final class Sail {
    @Option(names = "--bind-address")
    private String host = "";

    @Option(names = "--colour")
    private Colour shade = Colour.RED;

    @Option(names = "--grace-period")
    private Duration grace = Duration.ZERO;

    @Option(names = "--leader-elect", arity = "0..1", fallbackValue = "true")
    private Boolean elect = true;

    @Option(names = "--listen-urls", split = ",")
    private List<String> listen = List.of();

    @Option(names = "--own", paramLabel = "THING")
    private String own = "";

    @Option(names = "--quiet")
    private boolean quiet;
  }

  @Test
  void aValueIsLabelledByItsKindOrItsFlag() {
    CommandLine command = new CommandLine(new Sail());
    ValueLabels.show(command.getCommandSpec());
    assertThat(command.getUsageMessage().lines().map(String::strip))
        .contains(
            "--bind-address=ADDRESS",
            "--colour=red|green",
            "--grace-period=DURATION",
            "--listen-urls=URLS[,URLS...]",
            "--own=THING",
            "--quiet");
    assertThat(command.getUsageMessage()).contains("--leader-elect[=BOOLEAN]").doesNotContain("<");
  }

  @Test
  void aLabelledFlagIsStillTaken() {
    Sail sail = new Sail();
    CommandLine command = new CommandLine(sail).setCaseInsensitiveEnumValuesAllowed(true);
    ValueLabels.show(command.getCommandSpec());
    command.parseArgs(
        "--bind-address=::1",
        "--colour=green",
        "--grace-period=PT2S",
        "--leader-elect=false",
        "--listen-urls=a,b",
        "--own=it",
        "--quiet");
    assertThat(List.of(sail.host, sail.shade, sail.grace, sail.elect, sail.listen, sail.own))
        .containsExactly(
            "::1", Colour.GREEN, Duration.ofSeconds(2), false, List.of("a", "b"), "it");
    assertThat(sail.quiet).isTrue();
  }

  @Test
  void everyDaemonLabelsItsValues() throws ReflectiveOperationException {
    for (Daemon daemon : Daemon.values()) {
      Object made = Class.forName(daemon.commandClass()).getDeclaredConstructor().newInstance();
      CommandLine command = new CommandLine(made);
      ValueLabels.show(command.getCommandSpec());
      assertThat(command.getUsageMessage()).as(daemon.processName()).doesNotContain("=<");
    }
  }
}
