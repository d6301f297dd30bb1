package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.host.Texts;
import dev.coxswain.deploy.pki.PemFiles;
import dev.coxswain.runtime.time.Time;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Powers machines on and off: a machine is a set of namespaces that live as long as its process 1.
 */
final class Machines {
  private static final String INIT_SCRIPT = "machine-init.sh";

  private final Home home;
  private final ClusterSpec spec;
  private final Launcher launcher;
  private final Time time;

  Machines(Home home, ClusterSpec spec, Launcher launcher, Time time) {
    this.home = home;
    this.spec = spec;
    this.launcher = launcher;
    this.time = time;
  }

  /** Starts the machine and returns its first process, when everything is mounted. */
  ProcessRef powerOn(ClusterSpec.Machine machine) {
    Path directory = home.machine(machine.name());
    writeHostFiles(directory);
    var command = new ArrayList<>(List.of("unshare", "-m", "-n", "-p", "-u", "-i"));
    if (machine instanceof ClusterSpec.Node) {
      command.add("-C");
    }
    command.addAll(List.of("--fork", "--", "sh", "-c", Texts.beside(Machines.class, INIT_SCRIPT)));
    Path log = home.log(machine.name());
    ProcessRef unshare =
        launcher.unsharing(
            launcher.machineGroup(machine),
            log,
            List.of(
                "COX_MACHINE_NAME=" + machine.name(),
                "COX_MACHINE_KIND="
                    + (machine instanceof ClusterSpec.Node ? "node" : "control-plane"),
                "COX_MACHINE_DIR=" + directory,
                "COX_CGROUPS_UNIFIED=" + launcher.cgroups().unified()),
            command);
    launcher.await(
        machine.name() + " did not come up; see " + log,
        () ->
            !unshare.alive() || Processes.child(unshare.pid()).filter(Machines::ready).isPresent());
    Optional<ProcessRef> init = Processes.child(unshare.pid());
    if (init.isEmpty()) {
      throw new CoxException(machine.name() + " did not come up; see " + log);
    }
    // The machine does not need it any more: its orphans are reaped by its own first process.
    unshare.signal("KILL");
    return init.get();
  }

  /** Kills the machine's first process, and with it all that runs there. */
  void powerOff(ClusterSpec.Machine machine, ProcessRef init) {
    Processes.kill(time, init);
    String group = launcher.machineGroup(machine);
    launcher.await(
        "processes of " + machine.name() + " do not end", () -> launcher.cgroups().remove(group));
  }

  private static boolean ready(ProcessRef init) {
    return Files.exists(Path.of("/proc/" + init.pid() + "/root/run/cox-ready"));
  }

  private void writeHostFiles(Path directory) {
    String hosts =
        spec.machines().stream()
            .map(machine -> machine.address() + " " + machine.name() + "\n")
            .collect(Collectors.joining("", "127.0.0.1 localhost\n::1 localhost\n", ""));
    PemFiles.writePublic(directory.resolve("etc/hosts"), hosts);
    PemFiles.writePublic(
        directory.resolve("etc/resolv.conf"),
        "# This machine reaches no name server outside its cluster.\n");
  }
}
