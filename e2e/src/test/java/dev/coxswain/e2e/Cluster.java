package dev.coxswain.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real cluster that {@code cox up} made in a home of its own, and the tools a user has for it.
 */
final class Cluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Has kubectl wait as long, which is longer than anything takes on a machine that is busy. */
  static final String PATIENTLY = "--timeout=" + PATIENCE.toSeconds() + "s";

  /** Beyond what kubectl is told to wait itself. */
  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(6);

  private static final int NEWEST_EVENTS = 30;

  /** Lines of each log that are told of a cluster that does not come up. */
  private static final int LAST_WORDS = 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A second run of the tests shows that the nodes work on containerd 2 as well. */
  private static final boolean NEWEST_CONTAINERD = Boolean.getBoolean("coxswain.containerd.newest");

  private final Path home;
  private final Kubectl kubectl;
  private final Shell shell;

  private Cluster(Path home, Kubectl kubectl, Map<String, String> environment) {
    this.home = home;
    this.kubectl = kubectl;
    Map<String, String> all = new HashMap<>(environment);
    all.put("COX_HOME", home.toString());
    all.put("KUBECONFIG", home.resolve("kubeconfig").toString());
    this.shell = new Shell(all);
  }

  private Cluster(Path home) {
    this(home, Kubectl.INSTALLED, Map.of());
  }

  /** The same cluster seen through another kubectl, in an environment with these variables too. */
  Cluster using(Kubectl other, Map<String, String> environment) {
    return new Cluster(home, other, environment);
  }

  /** A home in which nothing was started yet. */
  static Cluster at(Path home) {
    return new Cluster(home);
  }

  /** Brings up a cluster on a free loopback port. */
  static Cluster up(String... flags) {
    try {
      Cluster cluster = new Cluster(Files.createTempDirectory("coxswain-e2e"));
      List<String> arguments = new ArrayList<>(List.of("up", "--api-port", "0"));
      arguments.addAll(List.of(flags));
      if (NEWEST_CONTAINERD) {
        arguments.add("--containerd");
        arguments.add(NewestSuite.unpacked("containerd").resolve("usr/bin").toString());
      }
      try {
        cluster.cox(arguments.toArray(String[]::new)).orFail();
      } catch (Throwable failure) {
        try {
          // With the cluster its logs go, too.
          failure.addSuppressed(new AssertionError(cluster.lastWords()));
        } finally {
          cluster.close();
        }
        throw failure;
      }
      return cluster;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private String lastWords() {
    String lines = "tail -n " + LAST_WORDS + " \"$COX_HOME\"/logs/*.log";
    return shell.run(Duration.ofSeconds(10), List.of("sh", "-c", lines)).everything();
  }

  Path home() {
    return home;
  }

  Shell shell() {
    return shell;
  }

  /** Runs {@code cox} with this cluster's home. */
  Shell.Outcome cox(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Repository.root().resolve("cox").toString());
    command.addAll(List.of(arguments));
    return shell.run(Duration.ofMinutes(8), command);
  }

  /** Runs kubectl and returns what it printed; fails with its error where it failed. */
  String kubectl(String... arguments) {
    Shell.Outcome outcome = tryKubectl(arguments);
    boolean waited = List.of(arguments).contains("wait") || arguments[0].equals("rollout");
    if (outcome.exitCode() != 0 && waited) {
      throw new AssertionError(outcome.told() + situation());
    }
    return outcome.orFail();
  }

  /** What a person would look at next when nothing comes: nodes, pods and the newest events. */
  private String situation() {
    String things = tryKubectl("get", "nodes,pods", "-A", "-o", "wide").everything();
    List<String> events =
        tryKubectl("get", "events", "-A", "--sort-by=.lastTimestamp").everything().lines().toList();
    return "\n"
        + things
        + String.join(
            "\n", events.subList(Math.max(0, events.size() - NEWEST_EVENTS), events.size()));
  }

  /** Runs kubectl, which may fail. */
  Shell.Outcome tryKubectl(String... arguments) {
    return shell.run(COMMAND_LIMIT, kubectlCommand(arguments));
  }

  /** The words of a kubectl command, for who starts it. */
  List<String> kubectlCommand(String... arguments) {
    List<String> command = new ArrayList<>(List.of(kubectl.program()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** {@code kubectl apply -f -} in the namespace. */
  String apply(String namespace, String manifest) {
    return shell
        .run(COMMAND_LIMIT, kubectlCommand("apply", "-n", namespace, "-f", "-"), manifest)
        .orFail();
  }

  /** What {@code kubectl get … -o json} says. */
  JsonNode json(String... arguments) {
    List<String> all = new ArrayList<>(List.of("get"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("-o", "json"));
    return JSON.readTree(kubectl(all.toArray(String[]::new)));
  }

  /** What {@code cox status --output json} says. */
  JsonNode status() {
    return JSON.readTree(cox("status", "--output", "json").orFail());
  }

  /** The names of the nodes, in order. */
  List<String> nodes() {
    return stream(status().path("nodes")).map(node -> node.path("name").asString()).toList();
  }

  /** The names of a program's processes, as store-1, in the order of their machines. */
  List<String> processes(String program) {
    return processes(process -> true).stream()
        .filter(name -> name.equals(program) || name.startsWith(program + "-"))
        .toList();
  }

  /** The process that leads its kind. */
  String leader(String program) {
    return processes(process -> process.path("leader").asBoolean(false)).stream()
        .filter(name -> name.startsWith(program + "-"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + program + " leads"));
  }

  /** The process that leads its kind, once one does: there may be an election under way. */
  String awaitLeader(String program) {
    String[] leader = {""};
    eventually(
        "a " + program + " leads",
        () -> {
          leader[0] = leader(program);
          return true;
        });
    return leader[0];
  }

  boolean healthy(String process) {
    return processes(known -> known.path("healthy").asBoolean(false)).contains(process);
  }

  private List<String> processes(Predicate<JsonNode> fitting) {
    return stream(status().path("processes"))
        .filter(fitting)
        .map(process -> process.path("name").asString())
        .toList();
  }

  /** Runs a command as the node's containerd sees the machine. */
  Shell.Outcome onNode(String node, String... command) {
    String containerd =
        stream(status().path("processes"))
            .filter(process ->
                process.path("node").asString("").equals(node)
                    && process.path("name").asString("").startsWith("containerd"))
            .map(process -> process.path("pid").asString())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no containerd runs on " + node));
    List<String> entered = new ArrayList<>(List.of("nsenter", "-m", "-t", containerd));
    entered.addAll(List.of(command));
    return shell.run(Duration.ofSeconds(30), entered);
  }

  /** Waits until the supplier holds; on time-out the failure shows what was last seen. */
  static void eventually(String what, Supplier<Boolean> holds) {
    eventually(what, PATIENCE, Duration.ofMillis(500), holds);
  }

  /**
   * The same for what takes long by its nature: how long at most, and how often it is looked at.
   */
  static void eventually(
      String what, Duration patience, Duration interval, Supplier<Boolean> holds) {
    Awaitility.await(what)
        .atMost(patience)
        .pollInterval(interval)
        .ignoreExceptionsMatching(
            failure -> failure instanceof AssertionError || failure instanceof RuntimeException)
        .until(holds::get);
  }

  static java.util.stream.Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  /** {@code cox down}: fails the test if it fails, because it must leave nothing behind. */
  @Override
  public void close() {
    cox("down").orFail();
    try {
      Files.deleteIfExists(home.resolve("lock"));
      Files.deleteIfExists(home);
    } catch (IOException somethingIsLeft) {
      throw new UncheckedIOException(somethingIsLeft);
    }
  }
}
