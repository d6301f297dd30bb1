package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.BringUp;
import dev.coxswain.deploy.cluster.ClusterApi;
import dev.coxswain.deploy.cluster.ClusterPlanner;
import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.ClusterState;
import dev.coxswain.deploy.cluster.CommandLock;
import dev.coxswain.deploy.cluster.Distribution;
import dev.coxswain.deploy.cluster.HostOffer;
import dev.coxswain.deploy.cluster.Progress;
import dev.coxswain.deploy.cluster.Readiness;
import dev.coxswain.deploy.cluster.Rehearsal;
import dev.coxswain.deploy.cluster.StateFile;
import dev.coxswain.deploy.cluster.TearDown;
import dev.coxswain.deploy.host.MachineCheck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Brings a cluster up and down once so that every process writes its start-up cache. */
@Command(
    name = "train",
    description =
        "Brings a small cluster up and down once so that each process of this build starts with"
            + " less work afterwards.")
final class TrainCommand implements Callable<Integer> {
  /** Each JVM works for some seconds on its cache while it leaves. */
  private static final Duration GRACE = Duration.ofSeconds(90);

  @ParentCommand private @Nullable CoxCommand cox;

  @Parameters(paramLabel = "DIR", hidden = true, description = "Where the caches are written.")
  private Path directory = Path.of("");

  @Option(
      names = "--no-install",
      description = "Do not install with apt what is missing; say what it is.")
  private boolean noInstall;

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    Progress progress = root.progress(System.out);
    MachineCheck.requireRoot();
    MachineCheck.requireSpace(root.home().root());
    // The rest of what it says goes to a log; that it installs something is for whoever waits.
    MachineCheck.requireTools(!noInstall, step -> System.err.println("cox: " + step));
    MachineCheck.loadKernelModules();
    var tearDown = new TearDown(root.home(), root.time(), progress);
    tearDown.stop(root.findState(), Duration.ZERO);
    tearDown.forget();
    try {
      StateFile state = claim(root, progress);
      bringUp(root, state, progress).start();
      try (ClusterApi api = root.api(state.current().spec())) {
        new Readiness(root.home(), state, api, root.time(), progress).await();
        new Rehearsal(api, root.time(), progress).run();
      }
    } finally {
      tearDown.stop(root.findState(), GRACE);
    }
    return 0;
  }

  private StateFile claim(CoxCommand root, Progress progress) {
    try (CommandLock machine = CommandLock.await(CommandLock.MACHINE, progress::another)) {
      String id = ClusterSpec.idOf(root.home().root());
      ClusterSpec spec =
          ClusterPlanner.plan(
              id, new ClusterPlanner.Wish(1, 1, 0, null), Optional.empty(), new HostOffer(id));
      StateFile state = StateFile.create(root.home().state(), ClusterState.of(spec));
      bringUp(root, state, progress).claim();
      machine.keep();
      return state;
    }
  }

  private BringUp bringUp(CoxCommand root, StateFile state, Progress progress) {
    return root.bringUp(state, progress, Distribution.current().trainingInto(directory));
  }
}
