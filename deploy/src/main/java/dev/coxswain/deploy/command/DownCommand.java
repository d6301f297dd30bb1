package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.CommandLock;
import dev.coxswain.deploy.cluster.TearDown;
import dev.coxswain.deploy.host.MachineCheck;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Takes the cluster down. */
@Command(
    name = "down",
    description =
        "Stops the cluster and leaves no process, namespace, mount, cgroup or rule behind.")
final class DownCommand implements Callable<Integer> {
  @ParentCommand private @Nullable CoxCommand cox;

  @Option(
      names = "--keep-data",
      description = "Keep the state on disk: the next cox up finds everything as it was.")
  private boolean keepData;

  @Option(
      names = "--now",
      description = "Kill every process at once, without the seconds to end in order.")
  private boolean now;

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    if (!java.nio.file.Files.isDirectory(root.home().root())) {
      System.out.println("There is no cluster at " + root.home().root() + ".");
      return 0;
    }
    Interruption.advising("interrupted; run cox down again to end it", () -> takeDown(root));
    return 0;
  }

  private void takeDown(CoxCommand root) {
    try (CommandLock lock = CommandLock.take(root.home().lock())) {
      var tearDown = new TearDown(root.home(), root.time(), root.progress(System.out));
      boolean found = tearDown.stop(root.findState(), now ? Duration.ZERO : TearDown.GRACE);
      if (!keepData) {
        tearDown.forget();
      }
      System.out.println(
          (found ? "The cluster is down" : "No cluster was running")
              + (keepData ? "; its data is kept in " + root.home().root() + "." : "."));
      lock.keep();
    }
  }
}
