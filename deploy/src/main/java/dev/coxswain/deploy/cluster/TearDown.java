package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.Cgroups;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.host.Shell;
import dev.coxswain.deploy.host.Trees;
import dev.coxswain.runtime.time.Time;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a cluster off the machine: processes, and with them their namespaces and mounts; cgroups;
 * the host's interface; and, unless they are to be kept, its files. Needs no state file: what
 * belongs to the cluster is marked, so even a bring-up that was cut off leaves nothing.
 */
public final class TearDown {
  /** How long each layer of daemons may take to leave before their machines are turned off. */
  public static final Duration GRACE = Duration.ofSeconds(5);

  private static final Duration GONE_LIMIT = Duration.ofSeconds(30);

  /** What is forgotten with the data; logs are for the person who asks why. */
  private static final List<String> FILES =
      List.of("kubeconfig", "etcdctl.env", "pki", "data", "logs", "state.json");

  private final Home home;
  private final Time time;
  private final Progress progress;

  public TearDown(Home home, Time time, Progress progress) {
    this.home = home;
    this.time = time;
    this.progress = progress;
  }

  /**
   * Stops everything, the daemons within the grace (none: at once); says whether there was anything
   * to stop.
   */
  public boolean stop(Optional<StateFile> file, Duration grace) {
    String id = ClusterSpec.idOf(home.root());
    ClusterSpec spec =
        file.map(known -> known.current().spec()).orElse(new ClusterSpec(id, 0, 0, 1, 0, null));
    Set<ProcessRef> processes = new LinkedHashSet<>();
    if (!grace.isZero()) {
      file.ifPresent(known -> stopDaemons(known.current(), grace));
    }
    file.ifPresent(known -> {
      processes.addAll(known.current().machines().values());
      Optional.ofNullable(known.current().lan()).ifPresent(processes::add);
      known.current().processes().stream().map(ManagedProcess::process).forEach(processes::add);
    });
    processes.addAll(Processes.withEnvironment(Launcher.MARK, id));
    boolean found = processes.stream().anyMatch(ProcessRef::alive);
    processes.forEach(process -> process.signal("KILL"));
    for (ProcessRef process : processes) {
      if (!Processes.await(time, GONE_LIMIT, () -> !process.alive())) {
        throw new CoxException(
            "process " + process.pid() + " does not die; cox down can be run again");
      }
    }
    Shell.run(List.of("ip", "link", "delete", spec.hostInterface()));
    Cgroups cgroups = Cgroups.detect();
    if (!Processes.await(time, GONE_LIMIT, () -> cgroups.remove(spec.cgroup()))) {
      throw new CoxException(
          "processes are left in the cgroup " + spec.cgroup() + "; cox down can be run again");
    }
    file.ifPresent(known -> known.update(current -> ClusterState.of(current.spec())));
    if (found) {
      progress.step("stopped");
    }
    return found;
  }

  /** Removes what the cluster kept on disk, but nothing that cox did not make. */
  public void forget() {
    for (String name : FILES) {
      Trees.delete(home.root().resolve(name));
    }
  }

  /**
   * The daemons first, and with leave; each while what it leans on is still there, so that leaders
   * hand their leases back and the store closes its files.
   */
  private void stopDaemons(ClusterState state, Duration grace) {
    for (Set<Daemon> together :
        List.of(
            EnumSet.of(Daemon.KUBELET, Daemon.PROXY, Daemon.SCHEDULER, Daemon.CONTROLLERS),
            EnumSet.of(Daemon.APISERVER),
            EnumSet.of(Daemon.STORE))) {
      List<ProcessRef> leaving =
          state.processes().stream()
              .filter(
                  process -> Daemon.named(process.program()).filter(together::contains).isPresent())
              .map(ManagedProcess::process)
              .toList();
      leaving.forEach(process -> process.signal("TERM"));
      boolean left =
          Processes.await(time, grace, () -> leaving.stream().noneMatch(ProcessRef::alive));
      if (!left) {
        progress.step("not every one of " + together + " left within " + grace.toSeconds() + " s");
      }
    }
  }
}
