package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.cluster.ClusterState.ManagedProcess;
import dev.coxswain.deploy.host.Cgroups;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Invocation;
import dev.coxswain.deploy.host.MachineCheck;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.image.BuiltinImages;
import dev.coxswain.deploy.image.NativePrograms;
import dev.coxswain.deploy.pki.Authority;
import dev.coxswain.deploy.pki.PemFiles;
import dev.coxswain.deploy.pki.Pki;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings the cluster to what its spec says. Every step looks first and does only what is missing,
 * so that an interrupted bring-up is simply run again, and a process that died is started again.
 */
public final class BringUp {
  static final String CONTAINERD = "containerd";
  static final String FORWARD = "forward";

  /** Where a kubelet says how far its shutdown is. */
  private static final String SHUTDOWN_STATE = "var/lib/kubelet/graceful_node_shutdown_state";

  private static final Duration SHUTDOWN_SPARE = Duration.ofSeconds(30);

  private final Home home;
  private final StateFile state;
  private final ClusterSpec spec;
  private final Distribution distribution;
  private final Time time;
  private final Progress progress;
  private final Pki pki;
  private final Launcher launcher;
  private final Lan lan;
  private final Machines machines;
  private final Containerd containerd;
  private final NativePrograms programs;

  public BringUp(
      Home home, StateFile state, Distribution distribution, Time time, Progress progress) {
    this.home = home;
    this.state = state;
    this.spec = state.current().spec();
    this.distribution = distribution;
    this.time = time;
    this.progress = progress;
    this.pki = new Pki(home.pki(), time);
    this.launcher = new Launcher(spec, time, Cgroups.detect());
    this.lan = new Lan(spec, launcher);
    this.machines = new Machines(home, spec, launcher, time);
    this.containerd = new Containerd(spec);
    this.programs = new NativePrograms(distribution.nativeSources(), distribution.nativePrograms());
  }

  /** Takes the network and the loopback port, which other clusters' plans then step over. */
  public void claim() {
    forgetStrays();
    connectLan();
    startForward();
  }

  /**
   * Everything that is left up to running processes; {@link Readiness} then waits for what they
   * make of it.
   */
  public void start() {
    Parallel.run(List.of(this::prepareFiles, this::prepareImages, this::connectMachines));
    Parallel.forEach(spec.machines(), this::startMachine);
    progress.step("processes started");
  }

  /** Starts one machine with everything on it, as when its power comes back. */
  public void startMachine(ClusterSpec.Machine machine) {
    ProcessRef init = powerOn(machine);
    switch (machine) {
      case ClusterSpec.ControlPlane controlPlane -> {
        for (Daemon daemon :
            List.of(Daemon.STORE, Daemon.APISERVER, Daemon.CONTROLLERS, Daemon.SCHEDULER)) {
          startDaemon(daemon, controlPlane);
        }
      }
      case ClusterSpec.Node node -> {
        containerd.configure(node, home.machine(node.name()));
        startContainerd(node, init);
        startDaemon(Daemon.KUBELET, node);
        startDaemon(Daemon.PROXY, node);
      }
    }
  }

  /** Kills the machine's first process; what ran there is forgotten. */
  public void stopMachine(ClusterSpec.Machine machine) {
    state.current().machine(machine.name()).ifPresent(init -> machines.powerOff(machine, init));
    state.update(current -> current.withoutMachine(machine.name()));
  }

  /** Has the node's kubelet end the pods in order, as an operating system does that shuts down. */
  public void endPods(ClusterSpec.Machine machine) {
    if (!(machine instanceof ClusterSpec.Node)) {
      throw new CoxException(machine.name() + " has no pods to end; stop it without --graceful");
    }
    String name = processName(Daemon.KUBELET.processName(), machine);
    ProcessRef kubelet =
        state
            .current()
            .process(name)
            .orElseThrow(() ->
                new CoxException(
                    name
                        + " does not run, so nobody can end the pods of "
                        + machine.name()
                        + "; start it with: "
                        + Invocation.cox("restart " + name)
                        + ", or stop the node without --graceful"));
    Path progressFile = home.machine(machine.name()).resolve(SHUTDOWN_STATE);
    try {
      Files.deleteIfExists(progressFile);
    } catch (IOException failed) {
      throw new CoxException("cannot remove " + progressFile + ": " + failed.getMessage(), failed);
    }
    kubelet.signal("USR1");
    Duration limit = DaemonArguments.SHUTDOWN_GRACE.plus(SHUTDOWN_SPARE);
    boolean ended = Processes.await(time, limit, () -> !kubelet.alive() || podsEnded(progressFile));
    if (!ended || !kubelet.alive()) {
      throw new CoxException(
          "the pods of " + machine.name() + " did not end in order; see " + home.log(name));
    }
  }

  private static boolean podsEnded(Path progressFile) {
    try {
      return Files.readString(progressFile).contains("endTime");
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Starts the process again unless it runs. */
  public void startProcess(ManagedProcess process) {
    if (process.program().equals(FORWARD)) {
      startForward();
      return;
    }
    ClusterSpec.Machine machine = machine(process.node());
    ProcessRef init =
        state
            .current()
            .machine(machine.name())
            .orElseThrow(() ->
                new CoxException(
                    machine.name()
                        + " is off; turn it on with: "
                        + Invocation.cox("node start " + machine.name())));
    if (machine instanceof ClusterSpec.Node node && process.program().equals(CONTAINERD)) {
      startContainerd(node, init);
    } else {
      startDaemon(Daemon.named(process.program()).orElseThrow(), machine);
    }
  }

  public ClusterSpec.Machine machine(String name) {
    return spec.machines().stream()
        .filter(machine -> machine.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new CoxException(
                "no machine is called "
                    + name
                    + "; there are: "
                    + spec.machines().stream()
                        .map(ClusterSpec.Machine::name)
                        .collect(Collectors.joining(", "))));
  }

  /** What an interrupted command started and did not write down would be in the way. */
  private void forgetStrays() {
    ClusterState known = state.current();
    Set<Long> kept =
        java.util.stream.Stream.concat(
                java.util.stream.Stream.concat(
                    Optional.ofNullable(known.lan()).stream(), known.machines().values().stream()),
                known.processes().stream().map(ManagedProcess::process))
            .filter(ProcessRef::alive)
            .map(ProcessRef::pid)
            .collect(Collectors.toSet());
    for (ProcessRef stray : Processes.withEnvironment(Launcher.MARK, spec.id())) {
      if (!kept.contains(stray.pid()) && !belongs(stray, kept)) {
        Processes.kill(time, stray);
      }
    }
  }

  /** A child of something known, as init's sleep is, or one connection of the forwarder. */
  private static boolean belongs(ProcessRef process, Set<Long> kept) {
    return kept.stream().anyMatch(pid -> Processes.children(pid).contains(process.pid()));
  }

  private void prepareFiles() {
    pki.ensureAuthorities();
    int made = pki.ensure(Identities.of(spec));
    new Kubeconfigs(home, spec, pki).write(spec.loopbackApiServer());
    writeEtcdctl();
    progress.step("keys and certificates" + (made == 0 ? "" : ": " + made + " made"));
  }

  private void writeEtcdctl() {
    PemFiles.writePublic(
        home.etcdctl(),
        """
        export ETCDCTL_API=3
        export ETCDCTL_ENDPOINTS=%s
        export ETCDCTL_CACERT=%s
        export ETCDCTL_CERT=%s
        export ETCDCTL_KEY=%s
        """
            .formatted(
                String.join(",", spec.storeEndpoints()),
                Invocation.word(pki.certificate(Authority.Name.STORE)),
                Invocation.word(pki.certificate(Identities.STORE_CLIENT)),
                Invocation.word(pki.key(Identities.STORE_CLIENT))));
  }

  private void prepareImages() {
    byte[] archive = BuiltinImages.archive(programs);
    try {
      Files.createDirectories(home.data());
      Files.write(home.images(), archive);
    } catch (IOException failed) {
      throw new CoxException("cannot write " + home.images() + ": " + failed.getMessage(), failed);
    }
    progress.step("images built");
  }

  private void connectLan() {
    ProcessRef holder = state.current().lan();
    if (holder == null || !holder.alive()) {
      ProcessRef started = lan.start(home.log("lan"));
      state.update(current -> current.withLan(started));
    }
  }

  /** The machines as namespaces, and the ways between them. */
  private void connectMachines() {
    Parallel.forEach(spec.machines(), this::powerOn);
    ProcessRef connected = java.util.Objects.requireNonNull(state.current().lan());
    lan.route(connected);
    for (ClusterSpec.ControlPlane machine : spec.controlPlaneMachines()) {
      state.current().machine(machine.name()).ifPresent(lan::route);
    }
    progress.step(
        "machines: "
            + spec.machines().stream()
                .map(ClusterSpec.Machine::name)
                .collect(Collectors.joining(", ")));
  }

  private ProcessRef powerOn(ClusterSpec.Machine machine) {
    Optional<ProcessRef> running = state.current().machine(machine.name());
    if (running.isPresent()) {
      return running.get();
    }
    ProcessRef holder = state.current().lan();
    if (holder == null || !holder.alive()) {
      throw new CoxException(
          "the machines' network is down; bring it back with: " + Invocation.cox("up"));
    }
    ProcessRef init = machines.powerOn(machine);
    lan.connect(holder, machine, init);
    // Only now: a machine that is known is also plugged in, wherever a bring-up was cut off.
    state.update(
        current -> current.withoutMachine(machine.name()).withMachine(machine.name(), init));
    return init;
  }

  private void startContainerd(ClusterSpec.Node node, ProcessRef init) {
    String name = processName(CONTAINERD, node);
    if (state.current().process(name).isEmpty()) {
      ProcessRef started =
          Launcher.running(init, containerd.command())
              .orElseGet(() ->
                  launcher.inMachine(
                      node, init, home.log(name), containerd.environment(), containerd.command()));
      record(new ManagedProcess(name, CONTAINERD, node.name(), started));
    }
    launcher.await(
        "containerd on " + node.name() + " did not come up; see " + home.log(name),
        () -> Containerd.listening(init));
    if (!containerd.images(init).containsAll(List.of(BuiltinImages.PAUSE, BuiltinImages.DEMO))) {
      containerd.importArchive(node, init, home.images());
    }
  }

  private void startDaemon(Daemon daemon, ClusterSpec.Machine machine) {
    String name = processName(daemon.processName(), machine);
    if (state.current().process(name).isPresent()) {
      return;
    }
    ProcessRef init = state.current().machine(machine.name()).orElseThrow();
    var command = new ArrayList<>(distribution.daemonCommand(daemon));
    command.addAll(arguments(daemon, machine));
    ProcessRef started =
        Launcher.running(init, command)
            .orElseGet(() ->
                launcher.inMachine(
                    machine, init, home.log(name), List.of("MALLOC_ARENA_MAX=2"), command));
    record(new ManagedProcess(name, daemon.processName(), machine.name(), started));
  }

  private List<String> arguments(Daemon daemon, ClusterSpec.Machine machine) {
    var arguments = new DaemonArguments(home, spec, pki);
    return switch (machine) {
      case ClusterSpec.ControlPlane controlPlane ->
          switch (daemon) {
            case STORE -> arguments.store(controlPlane);
            case APISERVER -> arguments.apiserver(controlPlane);
            case SCHEDULER -> arguments.scheduler(controlPlane);
            case CONTROLLERS -> arguments.controllers(controlPlane);
            case KUBELET, PROXY -> throw new IllegalArgumentException(daemon + " runs on nodes");
          };
      case ClusterSpec.Node node ->
          switch (daemon) {
            case KUBELET -> arguments.kubeletOnSharedDisk(node);
            case PROXY -> arguments.proxy(node);
            case STORE, APISERVER, SCHEDULER, CONTROLLERS ->
                throw new IllegalArgumentException(daemon + " runs on control planes");
          };
    };
  }

  private void startForward() {
    if (state.current().process(FORWARD).isPresent()) {
      return;
    }
    String targets =
        spec.controlPlaneMachines().stream()
            .map(machine -> machine.address() + ":6443")
            .collect(Collectors.joining(","));
    Path log = home.log(FORWARD);
    ProcessRef started =
        launcher.onHost(
            log,
            List.of(programs.program(FORWARD).toString(), "127.0.0.1:" + spec.apiPort(), targets));
    record(new ManagedProcess(FORWARD, FORWARD, ManagedProcess.HOST, started));
    launcher.await(
        "nobody listens on port " + spec.apiPort() + "; see " + log,
        () -> !started.alive() || MachineCheck.listening(spec.apiPort()));
    if (!started.alive()) {
      throw new CoxException("the way to the API server did not come up; see " + log);
    }
  }

  private void record(ManagedProcess process) {
    state.update(current -> current.withProcess(process));
  }

  private static String processName(String program, ClusterSpec.Machine machine) {
    return program + "-" + machine.index();
  }
}
