package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterApi;
import dev.coxswain.deploy.cluster.ClusterPlanner;
import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.ClusterState;
import dev.coxswain.deploy.cluster.CommandLock;
import dev.coxswain.deploy.cluster.Containerd;
import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.cluster.HostOffer;
import dev.coxswain.deploy.cluster.Progress;
import dev.coxswain.deploy.cluster.Readiness;
import dev.coxswain.deploy.cluster.StateFile;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.MachineCheck;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Brings the cluster up, or what is missing of it. */
@Command(
    name = "up",
    description =
        "Brings a cluster up and waits until its nodes are Ready. Run again, it starts what is"
            + " missing, and adds nodes.")
final class UpCommand implements Callable<Integer> {
  @ParentCommand private @Nullable CoxCommand cox;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes (default: 1, or as many as there are).")
  private @Nullable Integer nodes;

  @Option(
      names = "--control-planes",
      paramLabel = "K",
      description = "How many control planes, each with a store member: 1, 3, 5 or 7 (default: 1).")
  private @Nullable Integer controlPlanes;

  @Option(
      names = "--api-port",
      paramLabel = "PORT",
      description =
          "The loopback port that leads to the API servers; 0 finds a free one (default: 6443).")
  private @Nullable Integer apiPort;

  @Option(
      names = "--containerd",
      paramLabel = "FOLDER",
      description =
          "A folder with the containerd, shim and ctr that the nodes run (default: those installed"
              + " on this machine).")
  private @Nullable Path containerd;

  @Option(
      names = "--no-install",
      description = "Do not install with apt what is missing; say what it is.")
  private boolean noInstall;

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    Progress progress = root.progress(System.out);
    Home home = root.home();
    MachineCheck.requireRoot();
    MachineCheck.requireSpace(home.root());
    MachineCheck.requireTools(!noInstall, progress::step);
    Interruption.advising(
        "interrupted; cox up goes on from here, cox down takes away what there is",
        () -> bringUp(root, home, progress));
    return 0;
  }

  private void bringUp(CoxCommand root, Home home, Progress progress) {
    try (CommandLock lock = CommandLock.take(home.lock())) {
      MachineCheck.loadKernelModules();
      StateFile state = claim(root, home, progress);
      root.bringUp(state, progress).start();
      try (ClusterApi api = root.api(state.current().spec())) {
        new Readiness(home, state, api, root.time(), progress).await();
      }
      printNextSteps(home);
      lock.keep();
    }
  }

  /** Plans, and takes what the plan chose of this machine before another cluster chooses it too. */
  private StateFile claim(CoxCommand root, Home home, Progress progress) {
    try (CommandLock machine = CommandLock.await(CommandLock.MACHINE, progress::another)) {
      StateFile state = plan(root, home);
      ClusterSpec spec = state.current().spec();
      progress.step("cluster " + spec.id() + " at " + home.root());
      root.bringUp(state, progress).claim();
      machine.keep();
      return state;
    }
  }

  private StateFile plan(CoxCommand root, Home home) {
    Optional<StateFile> existing = root.findState();
    var wish =
        new ClusterPlanner.Wish(
            nodes,
            controlPlanes,
            apiPort,
            containerd == null ? null : Containerd.requireFolder(containerd));
    String id = ClusterSpec.idOf(home.root());
    ClusterSpec spec =
        ClusterPlanner.plan(id, wish, existing.map(StateFile::current), new HostOffer(id));
    if (!existing.map(state -> state.current().running()).orElse(false)) {
      // Before the plan is written down: the next one is free to choose another.
      MachineCheck.requirePort(spec.apiPort());
    }
    if (existing.isEmpty()) {
      return StateFile.create(home.state(), ClusterState.of(spec));
    }
    existing.get().update(state -> state.withSpec(spec));
    return existing.get();
  }

  private static void printNextSteps(Home home) {
    System.out.println(
        """

        The cluster is up. Use it with:

          export KUBECONFIG=%s
          kubectl get nodes
          kubectl apply -f examples/hello.yaml

        See it with %s, leave it with %s.\
        """
            .formatted(
                Invocation.word(home.kubeconfig()),
                Invocation.cox("status"),
                Invocation.cox("down")));
    if (!MachineCheck.installed("kubectl")) {
      System.out.println(
          "\n"
              + "kubectl is not on this machine; how to get it:"
              + " https://kubernetes.io/docs/tasks/tools");
    }
  }
}
