package dev.coxswain.scheduler.plugins;

import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.Plugin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private record Registered(int weight, Factory factory, boolean byDefault) {}

  /** In the order in which they are asked; the weights are upstream's. */
  private static final Map<String, Registered> ALL = new LinkedHashMap<>();

  static {
    register("PrioritySort", 1, (arguments, handle) -> new PrioritySort());
    register("SchedulingGates", 1, (arguments, handle) -> new SchedulingGates());
    register("NodeUnschedulable", 1, (arguments, handle) -> new NodeUnschedulable());
    register("NodeName", 1, (arguments, handle) -> new NodeName());
    register("TaintToleration", 3, (arguments, handle) -> new TaintToleration());
    register("NodeAffinity", 2, (arguments, handle) -> new NodeAffinity());
    register("NodePorts", 1, (arguments, handle) -> new NodePorts());
    register("NodeResourcesFit", 1, (arguments, handle) -> fit(arguments));
    register("VolumeRestrictions", 1, (arguments, handle) -> new VolumeRestrictions());
    register("NodeVolumeLimits", 1, (arguments, handle) -> new NodeVolumeLimits());
    register("VolumeBinding", 1, Plugins::volumeBinding);
    register("VolumeZone", 1, (arguments, handle) -> new VolumeZone());
    register("PodTopologySpread", 2, (arguments, handle) -> spread(arguments));
    register("InterPodAffinity", 2, (arguments, handle) -> affinity(arguments));
    register(
        "DefaultPreemption", 1, (arguments, handle) -> new DefaultPreemption(handle.randomness()));
    ALL.put("Coscheduling", new Registered(1, Plugins::coscheduling, false));
    register(
        "NodeResourcesBalancedAllocation",
        1,
        (arguments, handle) -> new NodeResourcesBalancedAllocation());
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

  private static Plugin fit(JsonNode arguments) {
    JsonNode scoring = arguments.path("scoringStrategy");
    String type = scoring.path("type").asString("LeastAllocated");
    return new NodeResourcesFit(
        switch (type) {
          case "LeastAllocated" -> NodeResourcesFit.Strategy.LEAST_ALLOCATED;
          case "MostAllocated" -> NodeResourcesFit.Strategy.MOST_ALLOCATED;
          default ->
              throw new IllegalArgumentException(
                  "scoringStrategy.type: "
                      + type
                      + " is not supported; use LeastAllocated or MostAllocated");
        },
        weights(scoring.path("resources")));
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
    int seconds = arguments.path("bindTimeoutSeconds").asInt(600);
    if (seconds < 0) {
      throw new IllegalArgumentException(
          "bindTimeoutSeconds: " + seconds + " is less than 0; use seconds, 600 by default");
    }
    return new VolumeBinding(handle.volumes(), Duration.ofSeconds(seconds));
  }

  private static Plugin affinity(JsonNode arguments) {
    int weight = arguments.path("hardPodAffinityWeight").asInt(1);
    if (weight < 0 || weight > 100) {
      throw new IllegalArgumentException(
          "hardPodAffinityWeight: " + weight + " is not between 0 and 100");
    }
    return new InterPodAffinity(weight);
  }
}
