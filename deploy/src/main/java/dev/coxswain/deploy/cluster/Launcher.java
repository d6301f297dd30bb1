package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.Cgroups;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.host.Shell;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Starts processes that outlive this one, on the host or inside a machine. */
final class Launcher {
  /** Marks what belongs to a cluster, so that even what an interrupted command forgot is found. */
  static final String MARK = "COX_CLUSTER";

  /** A log that has grown beyond this is set aside when its process starts. */
  private static final long LOG_BYTES_MAX = 32L << 20;

  /** What a daemon gets of the environment, whoever called cox. */
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Generous: on a busy machine, each of a few dozen processes waits for its turn. */
  private static final Duration START_DEADLINE = Duration.ofMinutes(1);

  /** Joins the groups named first, then replaces itself by the command. */
  private static final String IN_CGROUPS =
      "for group in $COX_CGROUPS; do echo 0 > $group/cgroup.procs; done; exec \"$@\"";

  /** Runs inside the machine: starts the command detached and says its pid there. */
  private static final String DETACHED =
      "log=$1; shift; ulimit -n \"$(ulimit -Hn)\"; setsid \"$@\" >>\"$log\" 2>&1 </dev/null & echo"
          + " $!";

  private final ClusterSpec spec;
  private final Time time;
  private final Cgroups cgroups;

  Launcher(ClusterSpec spec, Time time, Cgroups cgroups) {
    this.spec = spec;
    this.time = time;
    this.cgroups = cgroups;
  }

  Cgroups cgroups() {
    return cgroups;
  }

  /** Starts a command on the host, in the cluster's cgroup, its output appended to the log. */
  ProcessRef onHost(Path log, List<String> command) {
    return spawn(spec.cgroup(), log, List.of(), command);
  }

  /** Starts the first process of a machine through {@code unshare} and returns unshare itself. */
  ProcessRef unsharing(String cgroup, Path log, List<String> environment, List<String> command) {
    return spawn(cgroup, log, environment, command);
  }

  /** Starts a command inside the machine whose first process is given. */
  ProcessRef inMachine(
      ClusterSpec.Machine machine,
      ProcessRef init,
      Path log,
      List<String> environment,
      List<String> command) {
    rotate(log);
    var line = new ArrayList<String>();
    line.addAll(List.of("env", "-i", "PATH=" + PATH, "HOME=/root", "LANG=C.UTF-8"));
    line.add("COX_CGROUPS=" + groups(processGroup(machine)));
    line.addAll(environment);
    line.addAll(List.of("sh", "-c", IN_CGROUPS, "sh", "nsenter", "-t", Long.toString(init.pid())));
    line.addAll(
        switch (machine) {
          case ClusterSpec.Node _ -> List.of("-m", "-n", "-p", "-u", "-i", "-C");
          case ClusterSpec.ControlPlane _ -> List.of("-m", "-n", "-p", "-u", "-i");
        });
    line.addAll(List.of("--", "sh", "-c", DETACHED, "sh", log.toString()));
    line.addAll(command);
    Shell.Result started = Shell.run(line);
    if (!started.succeeded()) {
      throw new CoxException(
          "cannot start " + command.getFirst() + " on " + machine.name() + ": " + started.err());
    }
    long inside = Long.parseLong(started.out());
    return Processes.byNamespacePid(init.pid(), inside)
        .orElseThrow(() ->
            new CoxException(
                command.getFirst() + " on " + machine.name() + " left at once; see " + log));
  }

  /** What {@link #inMachine} started with this very command, be it that nobody wrote it down. */
  static Optional<ProcessRef> running(ProcessRef init, List<String> command) {
    return Processes.children(init.pid()).stream()
        .filter(child -> Processes.commandLine(child).equals(command))
        .findFirst()
        .flatMap(ProcessRef::of);
  }

  /** Runs a command inside the machine and waits for it. */
  static Shell.Result run(ProcessRef init, List<String> command, Duration deadline) {
    var line = new ArrayList<>(List.of("nsenter", "-t", Long.toString(init.pid())));
    line.addAll(List.of("-m", "-n", "-p", "-u", "-i", "--"));
    line.addAll(command);
    return Shell.run(line, deadline);
  }

  String machineGroup(ClusterSpec.Machine machine) {
    return spec.cgroup() + "/" + machine.name();
  }

  /** With version 2, a node's own group hands controllers down and so holds no process. */
  private String processGroup(ClusterSpec.Machine machine) {
    boolean nested = cgroups.unified() && machine instanceof ClusterSpec.Node;
    return nested ? machineGroup(machine) + "/system" : machineGroup(machine);
  }

  private ProcessRef spawn(
      String cgroup, Path log, List<String> environment, List<String> command) {
    rotate(log);
    var line = new ArrayList<>(List.of("setsid", "sh", "-c", IN_CGROUPS, "sh"));
    line.addAll(command);
    var builder = new ProcessBuilder(line);
    builder.environment().put("COX_CGROUPS", groups(cgroup));
    builder.environment().put(MARK, spec.id());
    environment.forEach(pair -> {
      int equals = pair.indexOf('=');
      builder.environment().put(pair.substring(0, equals), pair.substring(equals + 1));
    });
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      long pid = builder.start().pid();
      return ProcessRef.of(pid)
          .orElseThrow(() -> new CoxException(command.getFirst() + " left at once; see " + log));
    } catch (IOException failed) {
      throw new CoxException(
          "cannot run " + command.getFirst() + ": " + failed.getMessage(), failed);
    }
  }

  private String groups(String cgroup) {
    return cgroups.make(cgroup).stream().map(Path::toString).collect(Collectors.joining(" "));
  }

  private static void rotate(Path log) {
    try {
      Files.createDirectories(log.getParent());
      if (Files.exists(log) && Files.size(log) > LOG_BYTES_MAX) {
        Files.move(
            log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException failed) {
      throw new CoxException("cannot write logs: " + failed.getMessage(), failed);
    }
  }

  void await(String what, java.util.function.BooleanSupplier condition) {
    if (!Processes.await(time, START_DEADLINE, condition)) {
      throw new CoxException(what + " (waited " + START_DEADLINE.toSeconds() + " s)");
    }
  }
}
