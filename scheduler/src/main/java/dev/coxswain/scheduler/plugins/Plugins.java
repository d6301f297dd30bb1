package dev.coxswain.scheduler.plugins;

import dev.coxswain.api.selector.Requirement;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.Plugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.model.NodeAffinity.Preferred;
import dev.coxswain.scheduler.model.NodeAffinity.Term;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** All plugins by name. To add one, see {@code docs/add-a-scheduler-plugin.md}. */
public final class Plugins {
  /** Makes a plugin from its arguments, which may be missing. */
  @FunctionalInterface
  interface Factory {
    Plugin make(JsonNode arguments, Handle handle);
  }

  /** The scheduler of pods that name none. */
  public static final String DEFAULT_SCHEDULER = "default-scheduler";

  /** The most that a point of a curve is worth (upstream's MaxCustomPriorityScore). */
  private static final int MOST_POINTS = 10;

  private record Registered(int weight, Factory factory, boolean byDefault) {}

  /** In the order in which they are asked; the weights are upstream's. */
  private static final Map<String, Registered> ALL = new LinkedHashMap<>();

  static {
    register("PrioritySort", 1, (arguments, handle) -> new PrioritySort());
    register("SchedulingGates", 1, (arguments, handle) -> new SchedulingGates());
    register("NodeUnschedulable", 1, (arguments, handle) -> new NodeUnschedulable());
    register("NodeName", 1, (arguments, handle) -> new NodeName());
    register("TaintToleration", 3, (arguments, handle) -> new TaintToleration());
    register("NodeAffinity", 2, (arguments, handle) -> nodeAffinity(arguments));
    register("NodePorts", 1, (arguments, handle) -> new NodePorts());
    register("NodeResourcesFit", 1, (arguments, handle) -> fit(arguments));
    register("VolumeRestrictions", 1, (arguments, handle) -> new VolumeRestrictions());
    register("NodeVolumeLimits", 1, (arguments, handle) -> new NodeVolumeLimits());
    register("VolumeBinding", 1, Plugins::volumeBinding);
    register("VolumeZone", 1, (arguments, handle) -> new VolumeZone());
    register("DynamicResources", 1, (arguments, handle) -> new DynamicResources());
    register("PodTopologySpread", 2, (arguments, handle) -> spread(arguments));
    register("InterPodAffinity", 2, (arguments, handle) -> affinity(arguments));
    register("DefaultPreemption", 1, Plugins::preemption);
    ALL.put("Coscheduling", new Registered(1, Plugins::coscheduling, false));
    register("NodeResourcesBalancedAllocation", 1, (arguments, handle) -> balanced(arguments));
    register("ImageLocality", 1, (arguments, handle) -> new ImageLocality());
  }

  private Plugins() {}

  private static void register(String name, int weight, Factory factory) {
    ALL.put(name, new Registered(weight, factory, true));
  }

  /** The names of the plugins that a profile has unless it disables them, in the same order. */
  public static List<String> defaults() {
    return ALL.entrySet().stream()
        .filter(entry -> entry.getValue().byDefault())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The names of all plugins, in the order in which they are asked. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** The weight of a plugin that no configuration changes. */
  public static int defaultWeight(String name) {
    return Optional.ofNullable(ALL.get(name)).map(Registered::weight).orElse(1);
  }

  /**
   * Makes a plugin.
   *
   * @param arguments its {@code args} in the configuration; missing for the defaults
   * @throws IllegalArgumentException when there is no such plugin, or its arguments are wrong
   */
  public static Plugin make(String name, JsonNode arguments, Handle handle) {
    Registered registered = ALL.get(name);
    if (registered == null) {
      throw new IllegalArgumentException("there is no plugin " + name + "; known are " + names());
    }
    return registered.factory().make(arguments, handle);
  }

  /** Refuses fields that there are not: what is misspelt would be ignored without a word. */
  private static void known(JsonNode node, String path, String... names) {
    for (String name : node.propertyNames()) {
      if (!List.of(names).contains(name)) {
        throw new IllegalArgumentException(path + name + ": unknown field");
      }
    }
  }

  /** As above; every plugin's arguments may say what they are. */
  private static void arguments(JsonNode arguments, String... names) {
    List<String> all = new ArrayList<>(List.of(names));
    all.add("apiVersion");
    all.add("kind");
    known(arguments, "", all.toArray(String[]::new));
  }

  private static Plugin fit(JsonNode arguments) {
    arguments(arguments, "ignoredResources", "ignoredResourceGroups", "scoringStrategy");
    JsonNode scoring = arguments.path("scoringStrategy");
    known(scoring, "scoringStrategy.", "type", "resources", "requestedToCapacityRatio");
    String type = scoring.path("type").asString("LeastAllocated");
    JsonNode ratio = scoring.path("requestedToCapacityRatio");
    NodeResourcesFit.Strategy strategy =
        switch (type) {
          case "LeastAllocated" -> new NodeResourcesFit.Strategy.LeastAllocated();
          case "MostAllocated" -> new NodeResourcesFit.Strategy.MostAllocated();
          case "RequestedToCapacityRatio" ->
              new NodeResourcesFit.Strategy.RequestedToCapacityRatio(shape(ratio.path("shape")));
          default ->
              throw new IllegalArgumentException(
                  "scoringStrategy.type: "
                      + type
                      + " is not supported; use LeastAllocated, MostAllocated or"
                      + " RequestedToCapacityRatio");
        };
    if (!ratio.isEmpty() && !type.equals("RequestedToCapacityRatio")) {
      throw new IllegalArgumentException(
          "scoringStrategy.requestedToCapacityRatio: must be nil when type is not"
              + " RequestedToCapacityRatio");
    }
    return new NodeResourcesFit(strategy, weights(scoring.path("resources")), ignored(arguments));
  }

  private static Set<String> ignored(JsonNode arguments) {
    Set<String> ignored = new HashSet<>();
    arguments.path("ignoredResources").forEach(one -> ignored.add(one.asString("")));
    for (JsonNode group : arguments.path("ignoredResourceGroups")) {
      if (group.asString("").contains("/")) {
        throw new IllegalArgumentException(
            "ignoredResourceGroups: "
                + group.asString("")
                + ": resource group name can't contain '/'");
      }
      ignored.add(group.asString(""));
    }
    return ignored;
  }

  private static List<NodeResourcesFit.Point> shape(JsonNode shape) {
    String path = "scoringStrategy.requestedToCapacityRatio.shape";
    if (shape.isEmpty()) {
      throw new IllegalArgumentException(path + ": at least one point must be specified");
    }
    List<NodeResourcesFit.Point> points = new ArrayList<>();
    int before = -1;
    for (int index = 0; index < shape.size(); index++) {
      String at = path + "[" + index + "]";
      int utilization = number(shape.get(index), at, "utilization", 0, 0, 100);
      if (utilization <= before) {
        throw new IllegalArgumentException(
            at + ".utilization: values must be sorted in increasing order");
      }
      before = utilization;
      int score = number(shape.get(index), at, "score", 0, 0, MOST_POINTS);
      points.add(
          new NodeResourcesFit.Point(utilization, score * ScorePlugin.MAX_SCORE / MOST_POINTS));
    }
    return points;
  }

  private static int number(
      JsonNode node, String path, String name, int absent, int least, int most) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isInt() || value.asInt() < least || value.asInt() > most) {
      throw new IllegalArgumentException(
          (path.isEmpty() ? "" : path + ".")
              + name
              + ": "
              + value
              + " not in valid range ["
              + least
              + ", "
              + (most == Integer.MAX_VALUE ? "inf)" : most + "]"));
    }
    return value.asInt();
  }

  private static Plugin balanced(JsonNode arguments) {
    arguments(arguments, "resources");
    JsonNode resources = arguments.path("resources");
    List<String> names = new ArrayList<>();
    for (int index = 0; index < resources.size(); index++) {
      String path = "resources[" + index + "]";
      String name = resources.get(index).path("name").asString("");
      if (name.isEmpty() || names.contains(name)) {
        throw new IllegalArgumentException(
            path + ".name: " + (name.isEmpty() ? "Required value" : "Duplicate value: " + name));
      }
      number(resources.get(index), path, "weight", 1, 1, 1);
      names.add(name);
    }
    return new NodeResourcesBalancedAllocation(
        names.isEmpty() ? NodeResourcesBalancedAllocation.CPU_AND_MEMORY : names);
  }

  private static Plugin preemption(JsonNode arguments, Handle handle) {
    String percentage = "minCandidateNodesPercentage";
    String absolute = "minCandidateNodesAbsolute";
    arguments(arguments, percentage, absolute);
    int percent =
        number(arguments, "", percentage, DefaultPreemption.MIN_CANDIDATES_PERCENT, 0, 100);
    int count =
        number(arguments, "", absolute, DefaultPreemption.MIN_CANDIDATES, 0, Integer.MAX_VALUE);
    if (percent == 0 && count == 0) {
      throw new IllegalArgumentException(
          percentage + ": cannot be zero at the same time as " + absolute);
    }
    return new DefaultPreemption(handle.randomness(), percent, count);
  }

  private static Plugin nodeAffinity(JsonNode arguments) {
    arguments(arguments, "addedAffinity");
    JsonNode added = arguments.path("addedAffinity");
    String required = "requiredDuringSchedulingIgnoredDuringExecution";
    String preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    known(added, "addedAffinity.", required, preferred);
    List<Term> terms = new ArrayList<>();
    added.path(required).path("nodeSelectorTerms").forEach(term -> terms.add(term(term)));
    List<Preferred> wishes = new ArrayList<>();
    added
        .path(preferred)
        .forEach(wish ->
            wishes.add(new Preferred(wish.path("weight").asInt(1), term(wish.path("preference")))));
    return new NodeAffinity(
        new dev.coxswain.scheduler.model.NodeAffinity(added.has(required), terms, wishes));
  }

  private static Term term(JsonNode term) {
    return new Term(requirements(term, "matchExpressions"), requirements(term, "matchFields"));
  }

  private static List<Requirement> requirements(JsonNode term, String name) {
    List<Requirement> all = new ArrayList<>();
    for (JsonNode one : term.path(name)) {
      List<String> values = new ArrayList<>();
      one.path("values").forEach(value -> values.add(value.asString("")));
      String operator = one.path("operator").asString("");
      all.add(
          new Requirement(
              one.path("key").asString(""),
              switch (operator) {
                case "In" -> Requirement.Operator.IN;
                case "NotIn" -> Requirement.Operator.NOT_IN;
                case "Exists" -> Requirement.Operator.EXISTS;
                case "DoesNotExist" -> Requirement.Operator.DOES_NOT_EXIST;
                case "Gt" -> Requirement.Operator.GREATER_THAN;
                case "Lt" -> Requirement.Operator.LESS_THAN;
                default ->
                    throw new IllegalArgumentException(
                        "addedAffinity: operator \"" + operator + "\" is not known");
              },
              values));
    }
    return all;
  }

  private static Map<String, Integer> weights(JsonNode resources) {
    Map<String, Integer> weights = new LinkedHashMap<>();
    for (int index = 0; index < resources.size(); index++) {
      String path = "scoringStrategy.resources[" + index + "]";
      String name = resources.get(index).path("name").asString("");
      if (name.isEmpty()) {
        throw new IllegalArgumentException(path + ".name: Required value");
      }
      int weight = resources.get(index).path("weight").asInt(0);
      if (weight < 0 || weight > 100) {
        throw new IllegalArgumentException(
            path + ".weight: resource weight of " + name + " not in valid range [1, 100]");
      }
      weights.put(name, Math.max(1, weight));
    }
    return weights.isEmpty() ? NodeResourcesFit.CPU_AND_MEMORY : weights;
  }

  private static Plugin spread(JsonNode arguments) {
    arguments(arguments, "defaultingType", "defaultConstraints");
    String type = arguments.path("defaultingType").asString("System");
    JsonNode constraints = arguments.path("defaultConstraints");
    return switch (type) {
      case "System" -> {
        if (!constraints.isEmpty()) {
          throw new IllegalArgumentException(
              "defaultingType: when .defaultConstraints are specified, must be List");
        }
        yield new PodTopologySpread(PodTopologySpread.SYSTEM);
      }
      case "List" -> {
        List<PodTopologySpread.Default> defaults = new ArrayList<>();
        for (int index = 0; index < constraints.size(); index++) {
          defaults.add(spread(constraints.get(index), "defaultConstraints[" + index + "]"));
        }
        yield new PodTopologySpread(defaults);
      }
      default ->
          throw new IllegalArgumentException(
              "defaultingType: " + type + " is not supported; use System or List");
    };
  }

  private static PodTopologySpread.Default spread(JsonNode constraint, String path) {
    int maxSkew = constraint.path("maxSkew").asInt(0);
    if (maxSkew < 1) {
      throw new IllegalArgumentException(path + ".maxSkew: must be greater than zero");
    }
    String key = constraint.path("topologyKey").asString("");
    if (key.isEmpty()) {
      throw new IllegalArgumentException(path + ".topologyKey: can not be empty");
    }
    String otherwise = constraint.path("whenUnsatisfiable").asString("");
    if (!otherwise.equals("ScheduleAnyway")) {
      throw new IllegalArgumentException(
          path + ".whenUnsatisfiable: \"" + otherwise + "\" is not supported; use ScheduleAnyway");
    }
    return new PodTopologySpread.Default(key, maxSkew);
  }

  private static Plugin coscheduling(JsonNode arguments, Handle handle) {
    int seconds = arguments.path("permitWaitingTimeSeconds").asInt(60);
    if (seconds < 1) {
      throw new IllegalArgumentException(
          "permitWaitingTimeSeconds: " + seconds + " is less than 1; use seconds, 60 by default");
    }
    return new Coscheduling(handle.waiting(), Duration.ofSeconds(seconds));
  }

  private static Plugin volumeBinding(JsonNode arguments, Handle handle) {
    arguments(arguments, "bindTimeoutSeconds");
    int seconds = arguments.path("bindTimeoutSeconds").asInt(600);
    if (seconds < 0) {
      throw new IllegalArgumentException(
          "bindTimeoutSeconds: " + seconds + " is less than 0; use seconds, 600 by default");
    }
    return new VolumeBinding(handle.volumes(), Duration.ofSeconds(seconds));
  }

  private static Plugin affinity(JsonNode arguments) {
    arguments(arguments, "hardPodAffinityWeight", "ignorePreferredTermsOfExistingPods");
    int weight = arguments.path("hardPodAffinityWeight").asInt(1);
    if (weight < 0 || weight > 100) {
      throw new IllegalArgumentException(
          "hardPodAffinityWeight: " + weight + " is not between 0 and 100");
    }
    return new InterPodAffinity(
        weight, arguments.path("ignorePreferredTermsOfExistingPods").asBoolean(false));
  }
}
