package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.ProcessRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code cox} knows about the cluster between two commands.
 *
 * @param lan holds the network namespace that connects the machines
 * @param machines each machine's first process, by name
 * @param processes the processes started in them
 */
public record ClusterState(
    ClusterSpec spec,
    @Nullable ProcessRef lan,
    Map<String, ProcessRef> machines,
    List<ManagedProcess> processes) {

  /**
   * A process that {@code cox} started.
   *
   * @param name the program and its machine's number, as in kubelet-2: unique in the cluster
   * @param program what it is: a daemon, containerd, or the host's forwarder
   * @param node the machine it runs on, {@value #HOST} for one outside all machines
   */
  public record ManagedProcess(String name, String program, String node, ProcessRef process) {
    public static final String HOST = "host";
  }

  public static ClusterState of(ClusterSpec spec) {
    return new ClusterState(spec, null, Map.of(), List.of());
  }

  /** Whether any process of the cluster still runs. */
  public boolean running() {
    return (lan != null && lan.alive())
        || machines.values().stream().anyMatch(ProcessRef::alive)
        || processes.stream().anyMatch(process -> process.process().alive());
  }

  public Optional<ProcessRef> machine(String name) {
    return Optional.ofNullable(machines.get(name)).filter(ProcessRef::alive);
  }

  /** The process of that name while it runs. */
  public Optional<ProcessRef> process(String name) {
    return processes.stream()
        .filter(process -> process.name().equals(name))
        .map(ManagedProcess::process)
        .filter(ProcessRef::alive)
        .findFirst();
  }

  /**
   * The one process that somebody means by a name: its own, its program's when there is one of it,
   * or program and machine as in kubelet-node-2.
   */
  public ManagedProcess named(String wanted) {
    List<ManagedProcess> fitting =
        processes.stream()
            .filter(process ->
                wanted.equals(process.name())
                    || wanted.equals(process.program())
                    || wanted.equals(process.program() + "-" + process.node()))
            .toList();
    String known = processes.stream().map(ManagedProcess::name).collect(Collectors.joining(", "));
    if (processes.isEmpty()) {
      throw new CoxException("the cluster is down; bring it up with: " + Invocation.cox("up"));
    }
    return switch (fitting.size()) {
      case 1 -> fitting.getFirst();
      case 0 -> throw new CoxException(absent(wanted, known));
      default ->
          throw new CoxException(
              "there is more than one "
                  + wanted
                  + "; say which of "
                  + fitting.stream().map(ManagedProcess::name).collect(Collectors.joining(", ")));
    };
  }

  /** A machine that was turned off took its processes with it, and those are well called so. */
  private String absent(String wanted, String known) {
    return spec.machines().stream()
        .filter(machine -> !machines.containsKey(machine.name()))
        .filter(machine ->
            programs(machine).stream()
                .anyMatch(program ->
                    wanted.equals(program + "-" + machine.index())
                        || wanted.equals(program + "-" + machine.name())))
        .findFirst()
        .map(machine ->
            wanted
                + " does not run, because "
                + machine.name()
                + " is off; turn it on with: "
                + Invocation.cox("node start " + machine.name()))
        .orElse("no process is called " + wanted + "; there are: " + known);
  }

  private static List<String> programs(ClusterSpec.Machine machine) {
    return switch (machine) {
      case ClusterSpec.Node _ ->
          List.of(BringUp.CONTAINERD, Daemon.KUBELET.processName(), Daemon.PROXY.processName());
      case ClusterSpec.ControlPlane _ ->
          List.of(
              Daemon.STORE.processName(),
              Daemon.APISERVER.processName(),
              Daemon.SCHEDULER.processName(),
              Daemon.CONTROLLERS.processName());
    };
  }

  public ClusterState withSpec(ClusterSpec changed) {
    return new ClusterState(changed, lan, machines, processes);
  }

  ClusterState withLan(ProcessRef started) {
    return new ClusterState(spec, started, machines, processes);
  }

  ClusterState withMachine(String name, ProcessRef started) {
    var changed = new LinkedHashMap<>(machines);
    changed.put(name, started);
    return new ClusterState(spec, lan, changed, processes);
  }

  ClusterState withoutMachine(String name) {
    var changed = new LinkedHashMap<>(machines);
    changed.remove(name);
    return new ClusterState(
        spec,
        lan,
        changed,
        processes.stream().filter(process -> !process.node().equals(name)).toList());
  }

  /** The host first, then the machines in their order. */
  private int machineOrder(ManagedProcess process) {
    return spec.machines().stream().map(ClusterSpec.Machine::name).toList().indexOf(process.node());
  }

  /** Containerd before what leans on it, then the daemons in their order. */
  private static int programOrder(ManagedProcess process) {
    return Daemon.named(process.program()).map(Daemon::ordinal).orElse(-1);
  }

  ClusterState withProcess(ManagedProcess started) {
    var changed = new ArrayList<>(processes);
    changed.removeIf(process -> process.name().equals(started.name()));
    changed.add(started);
    changed.sort(
        Comparator.comparingInt(this::machineOrder).thenComparingInt(ClusterState::programOrder));
    return new ClusterState(spec, lan, machines, List.copyOf(changed));
  }
}
