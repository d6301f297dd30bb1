package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.MachineCheck;
import dev.coxswain.deploy.host.Processes;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Kills a process, to see what the cluster makes of it. */
@Command(
    name = "kill",
    description = "Kills a process (signal 9) to see what happens. cox restart brings it back.")
final class KillCommand implements Callable<Integer> {
  @ParentCommand private @Nullable CoxCommand cox;

  @Parameters(paramLabel = "PROCESS", description = "A name that cox status shows, as kubelet-2.")
  private String process = "";

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    ManagedProcess known = root.state().current().named(process);
    if (!known.process().alive()) {
      throw new CoxException(
          known.name()
              + " does not run; start it with: "
              + Invocation.cox("restart " + known.name()));
    }
    Processes.kill(root.time(), known.process());
    System.out.println(
        known.name()
            + " (pid "
            + known.process().pid()
            + ") is dead; bring it back with: "
            + Invocation.cox("restart " + known.name()));
    return 0;
  }
}
