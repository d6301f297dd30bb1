package dev.coxswain.deploy.command;

import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows a process's log. */
@Command(name = "logs", description = "Prints what a process has logged.")
final class LogsCommand implements Callable<Integer> {
  @ParentCommand private @Nullable CoxCommand cox;

  @Parameters(paramLabel = "PROCESS", description = "A name that cox status shows, as kubelet-2.")
  private String process = "";

  @Option(
      names = {"-f", "--follow"},
      description = "Go on printing what is added.")
  private boolean follow;

  @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines.")
  private @Nullable Integer tail;

  @Override
  public Integer call() throws InterruptedException {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    String name = root.state().current().named(process).name();
    Path log = root.home().log(name);
    if (!Files.isReadable(log)) {
      throw new CoxException(name + " has no log at " + log);
    }
    var command = new ArrayList<>(List.of("tail", "-n", tail == null ? "+1" : tail.toString()));
    if (follow) {
      command.add("-F");
    }
    command.add(log.toString());
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException failed) {
      throw new CoxException("cannot run tail: " + failed.getMessage(), failed);
    }
  }
}
