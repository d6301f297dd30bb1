package dev.coxswain.scheduler.config;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.LeaderElector;
import dev.coxswain.runtime.program.Durations;
import dev.coxswain.scheduler.cycle.BackoffRange;
import dev.coxswain.scheduler.plugins.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a {@code kubescheduler.config.k8s.io/v1} file says.
 *
 * @param backoff how long pods wait between attempts
 * @param leaderElect whether to hold a lease
 * @param lease what the schedulers of these profiles compete for
 * @param leaderTiming the times of the lease
 * @param profiles at least one
 */
public record SchedulerConfiguration(
    BackoffRange backoff,
    boolean leaderElect,
    ObjectKey lease,
    LeaderElector.Timing leaderTiming,
    List<ProfileConfiguration> profiles) {
  private static final String API_VERSION = "kubescheduler.config.k8s.io/v1";
  private static final String KIND = "KubeSchedulerConfiguration";

  /** What is understood, and what is accepted because it has no meaning here. */
  private static final Set<String> FIELDS =
      Set.of(
          "apiVersion",
          "kind",
          "percentageOfNodesToScore",
          "podInitialBackoffSeconds",
          "podMaxBackoffSeconds",
          "leaderElection",
          "profiles",
          "parallelism",
          "clientConnection",
          "enableProfiling",
          "enableContentionProfiling",
          "delayCacheUntilActive",
          "extenders");

  private static final Set<String> ELECTION_FIELDS =
      Set.of(
          "leaderElect",
          "leaseDuration",
          "renewDeadline",
          "retryPeriod",
          "resourceLock",
          "resourceName",
          "resourceNamespace");

  private static final ObjectKey LEASE = new ObjectKey("kube-system", "kube-scheduler");

  /** Without a file. */
  public static final SchedulerConfiguration DEFAULT =
      new SchedulerConfiguration(
          BackoffRange.DEFAULT,
          true,
          LEASE,
          LeaderElector.Timing.DEFAULT,
          List.of(ProfileConfiguration.defaults(Plugins.DEFAULT_SCHEDULER, 0)));

  public SchedulerConfiguration {
    profiles = List.copyOf(profiles);
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException naming the file and the field that is wrong
   */
  public static SchedulerConfiguration read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  static SchedulerConfiguration parse(String yaml) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(yaml);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not valid YAML: " + e.getOriginalMessage(), e);
    }
    Fields.known(root, "", FIELDS);
    Fields.equal(root, "apiVersion", API_VERSION);
    Fields.equal(root, "kind", KIND);
    int percentage = Fields.number(root, "percentageOfNodesToScore", 0, 0, 100);
    int first = Fields.number(root, "podInitialBackoffSeconds", 1, 1, Integer.MAX_VALUE);
    int last =
        Fields.number(root, "podMaxBackoffSeconds", Math.max(10, first), first, Integer.MAX_VALUE);
    Fields.number(root, "parallelism", 16, 1, Integer.MAX_VALUE);
    if (!root.path("extenders").isEmpty()) {
      throw new IllegalArgumentException("extenders: there is no support for them");
    }
    List<ProfileConfiguration> profiles = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int index = 0; index < root.path("profiles").size(); index++) {
      ProfileConfiguration profile =
          ProfileConfiguration.parse(
              root.path("profiles").get(index), "profiles[" + index + "]", percentage);
      if (!names.add(profile.schedulerName())) {
        throw new IllegalArgumentException(
            "profiles["
                + index
                + "].schedulerName: "
                + profile.schedulerName()
                + " is the name of an earlier profile too");
      }
      profiles.add(profile);
    }
    if (profiles.isEmpty()) {
      profiles.add(ProfileConfiguration.defaults(Plugins.DEFAULT_SCHEDULER, percentage));
    }
    JsonNode election = root.path("leaderElection");
    if (!election.isMissingNode() && !election.isNull()) {
      Fields.known(election, "leaderElection", ELECTION_FIELDS);
    }
    return new SchedulerConfiguration(
        new BackoffRange(Duration.ofSeconds(first), Duration.ofSeconds(last)),
        !election.path("leaderElect").isBoolean() || election.path("leaderElect").asBoolean(),
        lease(election),
        timing(election),
        profiles);
  }

  private static ObjectKey lease(JsonNode election) {
    String lock = text(election, "resourceLock", "leases");
    if (!lock.equals("leases")) {
      throw new IllegalArgumentException(
          "leaderElection.resourceLock: \"" + lock + "\" is not supported; use leases");
    }
    return new ObjectKey(
        text(election, "resourceNamespace", LEASE.namespace()),
        text(election, "resourceName", LEASE.name()));
  }

  private static String text(JsonNode election, String name, String absent) {
    String given = election.path(name).asString("");
    return given.isEmpty() ? absent : given;
  }

  private static LeaderElector.Timing timing(JsonNode election) {
    LeaderElector.Timing absent = LeaderElector.Timing.DEFAULT;
    return new LeaderElector.Timing(
        duration(election, "leaseDuration", absent.lease()),
        duration(election, "renewDeadline", absent.renewDeadline()),
        duration(election, "retryPeriod", absent.retry()));
  }

  private static Duration duration(JsonNode election, String name, Duration absent) {
    String given = text(election, name, "");
    return given.isEmpty() ? absent : Durations.parse("leaderElection." + name, given);
  }
}
