package dev.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class CoxTest {
  @Command(name = "sail")
  private static final class Sail {
    @Option(names = "--leader-elect", arity = "0..1", fallbackValue = "true")
    private Boolean elect = true;

    @Option(names = "--bind-address")
    private String host = "";

    @Option(names = "--listen-urls", split = ",")
    private List<String> listen = List.of();
  }

  @Test
  void ofAFlagGivenTwiceTheLastOneCounts() {
    Sail sail = new Sail();
    var _ =
        Cox.dressed(new CommandLine(sail))
            .parseArgs(
                "--leader-elect=true",
                "--bind-address=::1",
                "--leader-elect=false",
                "--bind-address",
                "::2");
    assertThat(sail.elect).isFalse();
    assertThat(sail.host).isEqualTo("::2");
  }

  @Test
  void listsGrow() {
    Sail sail = new Sail();
    var _ = Cox.dressed(new CommandLine(sail)).parseArgs("--listen-urls=a,b", "--listen-urls", "c");
    assertThat(sail.listen).containsExactly("a", "b", "c");
  }
}
