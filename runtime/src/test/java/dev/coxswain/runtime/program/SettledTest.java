package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

class SettledTest {
  @Command(name = "program")
  static final class Program {
    @Mixin final ProfilingOption profiling = new ProfilingOption();

    @Option(
        names = "--lookup",
        arity = "0..1",
        fallbackValue = "true",
        converter = Settled.True.class)
    String lookup = "";

    @Option(names = "--mode", converter = Settled.Webhook.class)
    String mode = "";

    @Option(names = "--port", converter = Settled.NoPort.class)
    String port = "";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--profiling=false", "--lookup", "--lookup=true", "--mode=Webhook", "--port=0"})
  void whatIsAlwaysSoMayBeAskedFor(String flag) {
    assertThatCode(() -> new CommandLine(new Program()).parseArgs(flag)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "--profiling, false, true",
    "--profiling=true, false, true",
    "--lookup=false, true, false",
    "--mode=AlwaysAllow, Webhook, AlwaysAllow",
    "--port=10255, 0, 10255"
  })
  void whatNeverIsSoIsRefused(String flag, String settled, String given) {
    String name = flag.replaceFirst("=.*", "");
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> new CommandLine(new Program()).parseArgs(flag))
        .withMessageContaining(name)
        .withMessageContaining("it is always " + settled + " here, not " + given);
  }

  @Test
  void whatIsNotAskedForIsNotAsked() {
    assertThatCode(() -> new CommandLine(new Program()).parseArgs()).doesNotThrowAnyException();
  }
}
