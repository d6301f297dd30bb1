package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.BringUp;
import dev.coxswain.deploy.cluster.CommandLock;
import dev.coxswain.deploy.cluster.StateFile;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.MachineCheck;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Turns machines off and on. */
@Command(
    name = "node",
    description = "Turns a node, or a control plane, off and on as by its power switch.",
    synopsisSubcommandLabel = "COMMAND")
final class NodeCommand {
  @ParentCommand private @Nullable CoxCommand cox;

  @Command(
      name = "stop",
      description =
          "Cuts the machine's power: everything on it is gone at once, or with --graceful once its"
              + " pods have ended.")
  int stop(
      @Parameters(paramLabel = "MACHINE", description = "As node-2 or control-plane-1.")
          String name,
      @Option(
              names = "--graceful",
              description = "Has the node end its pods first, by their priorities, within 30 s.")
          boolean graceful) {
    change(bringUp -> {
      if (graceful) {
        bringUp.endPods(bringUp.machine(name));
      }
      bringUp.stopMachine(bringUp.machine(name));
      System.out.println(
          name + " is off; turn it on with: " + Invocation.cox("node start " + name));
    });
    return 0;
  }

  @Command(name = "start", description = "Turns the machine on again, on the disk that it had.")
  int start(
      @Parameters(paramLabel = "MACHINE", description = "As node-2 or control-plane-1.")
          String name) {
    change(bringUp -> {
      bringUp.startMachine(bringUp.machine(name));
      System.out.println(name + " is on.");
    });
    return 0;
  }

  private void change(Consumer<BringUp> change) {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    root.state();
    try (CommandLock lock = CommandLock.take(root.home().lock())) {
      // Only now: what another command has just changed would be undone by what was read before.
      StateFile state = root.state();
      if (!state.current().running()) {
        throw new CoxException("the cluster is down; bring it up with: " + Invocation.cox("up"));
      }
      change.accept(root.bringUp(state, root.progress(System.out)));
      lock.keep();
    }
  }
}
