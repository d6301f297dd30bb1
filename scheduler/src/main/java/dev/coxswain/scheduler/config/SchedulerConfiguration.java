package dev.coxswain.scheduler.config;

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
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a {@code kubescheduler.config.k8s.io/v1} file says.
 *
 * @param backoff how long pods wait between attempts
 * @param leaderElect whether to hold a lease; empty leaves it to the flag
 * @param leaderTiming the times of the lease
 * @param profiles at least one
 */
public record SchedulerConfiguration(
    BackoffRange backoff,
    Optional<Boolean> leaderElect,
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
          "enableContentionProfiling");

  /** Without a file. */
  public static final SchedulerConfiguration DEFAULT =
      new SchedulerConfiguration(
          BackoffRange.DEFAULT,
          Optional.empty(),
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
    int first = Fields.number(root, "podInitialBackoffSeconds", 1, 1, 3600);
    int last = Fields.number(root, "podMaxBackoffSeconds", Math.max(10, first), first, 3600);
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
    JsonNode elect = election.path("leaderElect");
    return new SchedulerConfiguration(
        new BackoffRange(Duration.ofSeconds(first), Duration.ofSeconds(last)),
        elect.isBoolean() ? Optional.of(elect.asBoolean()) : Optional.empty(),
        timing(election),
        profiles);
  }

  private static LeaderElector.Timing timing(JsonNode election) {
    LeaderElector.Timing absent = LeaderElector.Timing.DEFAULT;
    return new LeaderElector.Timing(
        duration(election, "leaseDuration", absent.lease()),
        duration(election, "renewDeadline", absent.renewDeadline()),
        duration(election, "retryPeriod", absent.retry()));
  }

  private static Duration duration(JsonNode election, String name, Duration absent) {
    String given = election.path(name).asString("");
    return given.isEmpty() ? absent : Durations.parse("leaderElection." + name, given);
  }
}
