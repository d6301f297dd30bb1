package dev.coxswain.deploy.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.cluster.Daemon;
import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.command.CoxCommand;
import dev.coxswain.deploy.hosts.HostPlan.Host;
import dev.coxswain.runtime.time.SystemTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** The services of a host: that what their files and their description say is so. */
class ServiceUnitsTest {
  private static final Path SYSTEMD = Path.of("systemd");
  private static final Pattern SETTING = Pattern.compile("[A-Z][A-Za-z]+=.*");
  private static final Pattern FLAG = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");

  /** Flags of other programs that the description mentions. */
  private static final Set<String> FOREIGN = Set.of("--now", "--unit");

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void aUnitStartsItsProgramAndStartsItAgain(Daemon daemon) throws IOException {
    String name = daemon.processName();
    List<String> lines = unit(daemon);

    assertThat(lines)
        .containsSubsequence("[Unit]", "[Service]", "[Install]")
        .contains(
            "EnvironmentFile=/etc/coxswain/" + name + ".env",
            "ExecStart=/opt/coxswain/bin/cox " + name + " $COX_ARGUMENTS",
            "Restart=always",
            "StartLimitIntervalSec=0");
    assertThat(lines)
        .allMatch(line ->
            line.isEmpty()
                || line.startsWith("#")
                || line.startsWith("[")
                || SETTING.matcher(line).matches());
  }

  @ParameterizedTest
  @EnumSource
  void aControlPlaneIsConfinedAndANodeMayDoItsWork(Daemon daemon) throws IOException {
    List<String> lines = unit(daemon);
    String[] confinement = {"User=coxswain", "ProtectSystem=strict", "NoNewPrivileges=yes"};

    switch (daemon) {
      case STORE, APISERVER, SCHEDULER, CONTROLLERS -> assertThat(lines).contains(confinement);
      case KUBELET, PROXY -> assertThat(lines).doesNotContain(confinement);
    }
    assertThat(lines)
        .as("a JVM writes the code that it runs")
        .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute="));
  }

  @Test
  void whatTheStoreKeepsMayBeWritten() throws IOException {
    String arguments = Files.readString(made().resolve("files/etc/coxswain/store.env"));
    String writable =
        unit(Daemon.STORE).stream()
            .filter(line -> line.startsWith("ReadWritePaths=-"))
            .map(line -> line.substring(line.indexOf('-') + 1))
            .findFirst()
            .orElseThrow();
    assertThat(arguments).contains("--data-dir=" + writable + "/");
  }

  @Test
  void everyFlagOfAHostIsOneOfItsProgram() throws Exception {
    Path environments = made().resolve("files/etc/coxswain");
    for (Daemon daemon : Daemon.values()) {
      String text = Files.readString(environments.resolve(daemon.processName() + ".env"));
      assertThat(flags(text)).as(daemon.processName()).isNotEmpty().isSubsetOf(options(daemon));
    }
  }

  @Test
  void everyFlagThatIsSpokenOfIsThere() throws Exception {
    Set<String> known = new HashSet<>(FOREIGN);
    for (Daemon daemon : Daemon.values()) {
      known.addAll(options(daemon));
    }
    for (CommandLine command : new CommandLine(new CoxCommand()).getSubcommands().values()) {
      known.addAll(command.getCommandSpec().optionsMap().keySet());
    }

    List<String> spoken = new ArrayList<>();
    try (Stream<Path> files = Files.list(SYSTEMD)) {
      for (Path file : files.toList()) {
        spoken.addAll(flags(Files.readString(file)));
      }
    }
    assertThat(spoken).contains("--control-plane", "--data-dir", "--name").isSubsetOf(known);
  }

  private static List<String> unit(Daemon daemon) throws IOException {
    return Files.readAllLines(SYSTEMD.resolve("coxswain-" + daemon.processName() + ".service"));
  }

  private static List<String> flags(String text) {
    return FLAG.matcher(text).results().map(result -> result.group()).toList();
  }

  private static Set<String> options(Daemon daemon) throws ReflectiveOperationException {
    Object command = Class.forName(daemon.commandClass()).getDeclaredConstructor().newInstance();
    return new CommandLine(command).getCommandSpec().optionsMap().keySet();
  }

  /** The directory of a host that is control plane and node. */
  private Path made() {
    var host = new Host("cp-1", "192.168.7.11");
    HostPlan plan = HostPlan.empty("abc").with(List.of(host), List.of(host), List.of());
    var bundles = new HostBundles(new Home(directory), plan, new SystemTime());
    bundles.make(new byte[] {1});
    return bundles.directory(host);
  }
}
