package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.cluster.CommandLock;
import dev.coxswain.deploy.cluster.StateFile;
import dev.coxswain.deploy.host.MachineCheck;
import dev.coxswain.deploy.host.Processes;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Stops a process in order, if it runs, and starts it. */
@Command(
    name = "restart",
    description = "Stops a process in order, if it runs, and starts it again.")
final class RestartCommand implements Callable<Integer> {
  private static final Duration GRACE = Duration.ofSeconds(20);

  @ParentCommand private @Nullable CoxCommand cox;

  @Parameters(paramLabel = "PROCESS", description = "A name that cox status shows, as kubelet-2.")
  private String process = "";

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    root.state();
    try (CommandLock lock = CommandLock.take(root.home().lock())) {
      StateFile state = root.state();
      ManagedProcess known = state.current().named(process);
      Processes.stop(root.time(), known.process(), GRACE);
      root.bringUp(state, root.progress(System.out)).startProcess(known);
      long pid = state.current().named(known.name()).process().pid();
      System.out.println(known.name() + " runs as pid " + pid + ".");
      lock.keep();
    }
    return 0;
  }
}
