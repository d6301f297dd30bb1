package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterState;
import dev.coxswain.deploy.host.CoxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows a process's log. */
@Command(name = "logs", description = "Prints what a process has logged.")
final class LogsCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

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
    Path log = log(root);
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

  /** A log outlives its process: also of a node that is off, or a cluster that is down. */
  private Path log(CoxCommand root) {
    ClusterState state = root.state().current();
    Optional<Path> left =
        NAME.matcher(process).matches()
            ? Optional.of(root.home().log(process)).filter(Files::isReadable)
            : Optional.empty();
    return left.orElseGet(() -> {
      String name = state.named(process).name();
      Path log = root.home().log(name);
      if (!Files.isReadable(log)) {
        throw new CoxException(name + " has no log at " + log);
      }
      return log;
    });
  }
}
