package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coxswain.deploy.host.Cgroups;
import dev.coxswain.deploy.host.NetworkNamespace;
import dev.coxswain.deploy.host.ProcessRef;
import dev.coxswain.deploy.host.Processes;
import dev.coxswain.deploy.host.Shell;
import dev.coxswain.runtime.time.SystemTime;
import dev.coxswain.runtime.time.Time;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real namespaces, mounts and cgroups; needs root. */
final class MachinesTest {
  /** Only a failure takes that long. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path directory;
  private final Time time = new SystemTime();
  private Home home;
  private ClusterSpec spec;
  private StateFile state;
  private Launcher launcher;
  private Lan lan;
  private Machines machines;

  @BeforeEach
  void connectTwoMachines() {
    assertThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    assertThat(Path.of("/usr/bin/tini-static")).as("apt-get install tini").exists();
    home = new Home(directory);
    String id = ClusterSpec.idOf(directory);
    ProcessRef holder;
    try (CommandLock lock = CommandLock.await(CommandLock.MACHINE, () -> {})) {
      spec =
          ClusterPlanner.plan(
              id, new ClusterPlanner.Wish(2, 1, 0, null), Optional.empty(), new HostOffer(id));
      state = StateFile.create(home.state(), ClusterState.of(spec));
      launcher = new Launcher(spec, time, Cgroups.detect());
      lan = new Lan(spec, launcher);
      machines = new Machines(home, spec, launcher, time);
      holder = lan.start(home.log("lan"));
      state.update(current -> current.withLan(holder));
      lock.keep();
    }
    for (ClusterSpec.Machine machine : List.copyOf(spec.nodeMachines())) {
      ProcessRef init = machines.powerOn(machine);
      state.update(current -> current.withMachine(machine.name(), init));
      lan.connect(holder, machine, init);
    }
  }

  @AfterEach
  void leaveNothing() {
    if (state == null) {
      return;
    }
    var output = new ByteArrayOutputStream();
    var progress = new Progress(time, new PrintStream(output, true, StandardCharsets.UTF_8));
    new TearDown(home, time, progress).stop(Optional.of(state), Duration.ZERO);
    assertThat(Processes.withEnvironment(Launcher.MARK, spec.id())).noneMatch(ProcessRef::alive);
    for (Path hierarchy : Cgroups.detect().hierarchies()) {
      assertThat(hierarchy.resolve(spec.cgroup())).doesNotExist();
    }
    assertThat(Shell.must("ip", "-o", "link")).doesNotContain(spec.hostInterface());
    assertThat(Shell.must("cat", "/proc/mounts")).doesNotContain(directory.toString());
  }

  @Test
  void aNodeLooksLikeAHostOfItsOwn() throws Exception {
    ProcessRef node = machine("node-1");
    assertThat(inside(node, "hostname")).isEqualTo("node-1");
    assertThat(inside(node, "cat /proc/1/comm")).isEqualTo("tini-static");
    assertThat(inside(node, "cat /proc/sys/net/ipv4/ip_forward")).isEqualTo("1");
    assertThat(inside(node, "findmnt -n -o FSTYPE /run")).isEqualTo("tmpfs");
    assertThat(inside(node, "grep -c ^nameserver /etc/resolv.conf || true")).isEqualTo("0");
    InetAddress address =
        NetworkNamespace.call(
            node.pid(),
            () ->
                NetworkInterface.getByName("eth0")
                    .inetAddresses()
                    .filter(java.net.Inet4Address.class::isInstance)
                    .findFirst()
                    .orElseThrow());
    assertThat(address.getHostAddress()).isEqualTo(spec.nodeMachines().getFirst().address());
  }

  @Test
  void aNetworkIsInUseByOthersAndNotByItsOwnCluster() {
    assertThat(new HostOffer("000000").usedSubnets()).contains(spec.subnet());
    assertThat(new HostOffer(spec.id()).usedSubnets()).doesNotContain(spec.subnet());
  }

  @Test
  void machinesReachEachOtherAndNothingElse() {
    ProcessRef node = machine("node-1");
    String neighbour = spec.nodeMachines().get(1).address();
    assertThat(inside(node, "busybox ping -c 1 -W 30 " + neighbour + " >/dev/null && echo reached"))
        .isEqualTo("reached");
    assertThatThrownBy(() ->
            NetworkNamespace.call(
                node.pid(),
                () -> {
                  try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress("192.0.2.77", 80), 5000);
                    return socket.isConnected();
                  }
                }))
        .isInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void aProcessIsFoundByTheHostAndDiesWithItsMachine() {
    ClusterSpec.Machine machine = spec.nodeMachines().getFirst();
    ProcessRef init = machine("node-1");
    ProcessRef sleeper =
        launcher.inMachine(machine, init, home.log("sleeper"), List.of(), List.of("sleep", "1000"));
    assertThat(sleeper.alive()).isTrue();
    // Between its start and its own command, it is the shell's copy for a moment.
    await().until(() -> Launcher.running(init, List.of("sleep", "1000")).isPresent());
    assertThat(Launcher.running(init, List.of("sleep", "1000"))).contains(sleeper);
    assertThat(Launcher.running(init, List.of("sleep", "1001"))).isEmpty();
    for (Path hierarchy : launcher.cgroups().hierarchies()) {
      assertThat(hierarchy.resolve(launcher.machineGroup(machine)).resolve("cgroup.procs"))
          .content()
          .contains(Long.toString(sleeper.pid()));
    }
    machines.powerOff(machine, init);
    assertThat(Processes.await(time, LIMIT, () -> !sleeper.alive())).isTrue();

    ProcessRef again = machines.powerOn(machine);
    state.update(current -> current.withMachine(machine.name(), again));
    lan.connect(java.util.Objects.requireNonNull(state.current().lan()), machine, again);
    assertThat(inside(again, "hostname")).isEqualTo("node-1");
  }

  private ProcessRef machine(String name) {
    return state.current().machine(name).orElseThrow();
  }

  private static String inside(ProcessRef init, String script) {
    Shell.Result result = Launcher.run(init, List.of("sh", "-c", script), LIMIT);
    assertThat(result.succeeded()).as(result.err()).isTrue();
    return result.out();
  }
}
