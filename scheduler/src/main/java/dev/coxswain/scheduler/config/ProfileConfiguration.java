package dev.coxswain.scheduler.config;

import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.BindPlugin;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.PermitPlugin;
import dev.coxswain.scheduler.framework.Plugin;
import dev.coxswain.scheduler.framework.PostBindPlugin;
import dev.coxswain.scheduler.framework.PostFilterPlugin;
import dev.coxswain.scheduler.framework.PreBindPlugin;
import dev.coxswain.scheduler.framework.PreEnqueuePlugin;
import dev.coxswain.scheduler.framework.PreFilterPlugin;
import dev.coxswain.scheduler.framework.PreScorePlugin;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.framework.QueueSortPlugin;
import dev.coxswain.scheduler.framework.ReservePlugin;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.plugins.Plugins;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * One entry of {@code profiles}: the default plugins, with what the file changes about them.
 *
 * @param schedulerName what pods call it by
 * @param percentageOfNodesToScore 0 lets the size of the cluster decide
 * @param plugins the plugins in their order
 */
public record ProfileConfiguration(
    String schedulerName, int percentageOfNodesToScore, List<Entry> plugins) {
  private static final String MULTI_POINT = "multiPoint";
  private static final String EVERYTHING = "*";

  /** Brought by the program; no file takes it away. */
  private static final String BINDER = "DefaultBinder";

  private static final Map<String, Class<? extends Plugin>> POINTS = new LinkedHashMap<>();

  static {
    POINTS.put("preEnqueue", PreEnqueuePlugin.class);
    POINTS.put("queueSort", QueueSortPlugin.class);
    POINTS.put("preFilter", PreFilterPlugin.class);
    POINTS.put("filter", FilterPlugin.class);
    POINTS.put("postFilter", PostFilterPlugin.class);
    POINTS.put("preScore", PreScorePlugin.class);
    POINTS.put("score", ScorePlugin.class);
    POINTS.put("reserve", ReservePlugin.class);
    POINTS.put("permit", PermitPlugin.class);
    POINTS.put("preBind", PreBindPlugin.class);
    POINTS.put("bind", BindPlugin.class);
    POINTS.put("postBind", PostBindPlugin.class);
  }

  /**
   * A plugin of the profile.
   *
   * @param name its name
   * @param weight its weight among scores
   * @param arguments its arguments; missing for the defaults
   * @param without the extension points at which it is not asked
   */
  public record Entry(
      String name, int weight, JsonNode arguments, Set<Class<? extends Plugin>> without) {
    public Entry {
      without = Set.copyOf(without);
    }
  }

  public ProfileConfiguration {
    plugins = List.copyOf(plugins);
  }

  /** Whether the profile has the plugin. */
  public boolean has(String plugin) {
    return plugins.stream().anyMatch(entry -> entry.name().equals(plugin));
  }

  /** All plugins with their defaults. */
  static ProfileConfiguration defaults(String schedulerName, int percentage) {
    return new ProfileConfiguration(
        schedulerName,
        percentage,
        Plugins.defaults().stream()
            .map(name ->
                new Entry(name, Plugins.defaultWeight(name), MissingNode.getInstance(), Set.of()))
            .toList());
  }

  /** Makes the plugins; the further ones are asked last. */
  public Profile profile(Handle handle, Plugin... more) {
    List<Profile.Weighted> all = new ArrayList<>();
    for (Entry entry : plugins) {
      all.add(
          new Profile.Weighted(
              Plugins.make(entry.name(), entry.arguments(), handle),
              entry.weight(),
              entry.without()));
    }
    for (Plugin plugin : more) {
      all.add(new Profile.Weighted(plugin, 1, Set.of()));
    }
    return new Profile(schedulerName, percentageOfNodesToScore, all);
  }

  static ProfileConfiguration parse(JsonNode node, String path, int percentage) {
    Fields.known(
        node, path, Set.of("schedulerName", "percentageOfNodesToScore", "plugins", "pluginConfig"));
    Draft draft = new Draft(path + ".plugins");
    draft.read(node.path("plugins"));
    Map<String, JsonNode> arguments = arguments(node.path("pluginConfig"), path + ".pluginConfig");
    return new ProfileConfiguration(
        node.path("schedulerName").asString(Plugins.DEFAULT_SCHEDULER),
        node.has("percentageOfNodesToScore")
            ? Fields.number(node, path + ".percentageOfNodesToScore", 0, 0, 100)
            : percentage,
        draft.entries(arguments));
  }

  private static Map<String, JsonNode> arguments(JsonNode configs, String path) {
    Map<String, JsonNode> arguments = new HashMap<>();
    for (int index = 0; index < configs.size(); index++) {
      JsonNode config = configs.get(index);
      Fields.known(config, path + "[" + index + "]", Set.of("name", "args"));
      String name = config.path("name").asString("");
      requireKnown(name, path + "[" + index + "].name");
      arguments.put(name, config.path("args"));
      try {
        if (!name.equals(BINDER)) {
          Plugins.make(name, config.path("args"), Handle.deciding(Randomness.seeded(0)));
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(path + "[" + index + "].args." + e.getMessage(), e);
      }
    }
    return arguments;
  }

  private static void requireKnown(String name, String path) {
    if (!Plugins.names().contains(name) && !name.equals(BINDER)) {
      throw new IllegalArgumentException(
          path + ": there is no plugin " + name + "; known are " + Plugins.names());
    }
  }

  /** Plugins being chosen. */
  private static final class Draft {
    private final String path;
    private final Map<String, Integer> weights = new LinkedHashMap<>();
    private final Map<String, Set<Class<? extends Plugin>>> without = new HashMap<>();

    Draft(String path) {
      this.path = path;
      Plugins.defaults().forEach(name -> weights.put(name, Plugins.defaultWeight(name)));
    }

    void read(JsonNode plugins) {
      if (plugins.isMissingNode()) {
        return;
      }
      Set<String> fields = new HashSet<>(POINTS.keySet());
      fields.add(MULTI_POINT);
      Fields.known(plugins, path, fields);
      multiPoint(plugins.path(MULTI_POINT));
      POINTS.forEach((name, point) -> point(plugins.path(name), path + "." + name, point));
    }

    private void multiPoint(JsonNode node) {
      for (String name : names(node.path("disabled"))) {
        if (name.equals(EVERYTHING)) {
          // Without an order there is no queue.
          weights.keySet().removeIf(other -> !other.equals("PrioritySort"));
        } else {
          weights.remove(name);
        }
      }
      JsonNode enabled = node.path("enabled");
      for (String name : known(enabled, path + ".multiPoint.enabled")) {
        if (!name.equals(BINDER)) {
          weights.putIfAbsent(name, Plugins.defaultWeight(name));
        }
      }
      weigh(enabled, path + ".multiPoint.enabled");
    }

    private void point(JsonNode node, String where, Class<? extends Plugin> point) {
      for (String name : names(node.path("disabled"))) {
        for (String one : name.equals(EVERYTHING) ? Plugins.names() : List.of(name)) {
          without.computeIfAbsent(one, absent -> new HashSet<>()).add(point);
        }
      }
      for (String name : known(node.path("enabled"), where + ".enabled")) {
        if (!name.equals(BINDER)
            && weights.putIfAbsent(name, Plugins.defaultWeight(name)) == null) {
          // Taken in for this point alone.
          without.computeIfAbsent(name, absent -> new HashSet<>()).addAll(POINTS.values());
        }
        without.getOrDefault(name, new HashSet<>()).remove(point);
      }
      weigh(node.path("enabled"), where + ".enabled");
    }

    private void weigh(JsonNode enabled, String where) {
      for (int index = 0; index < enabled.size(); index++) {
        String name = enabled.get(index).path("name").asString("");
        int weight =
            Fields.number(
                enabled.get(index), where + "[" + index + "].weight", 0, 0, Integer.MAX_VALUE);
        if (weight > 0) {
          weights.computeIfPresent(name, (same, before) -> weight);
        }
      }
    }

    /** As upstream: it is no mistake to disable what there is not, or is no longer. */
    private static List<String> names(JsonNode list) {
      List<String> names = new ArrayList<>();
      list.forEach(plugin -> names.add(plugin.path("name").asString("")));
      return names;
    }

    private static List<String> known(JsonNode list, String where) {
      List<String> names = names(list);
      for (int index = 0; index < names.size(); index++) {
        requireKnown(names.get(index), where + "[" + index + "].name");
      }
      return names;
    }

    List<Entry> entries(Map<String, JsonNode> arguments) {
      List<Entry> entries = new ArrayList<>();
      // The usual order, whatever the file's: filters that cost little come first.
      for (String name : Plugins.names()) {
        Integer weight = weights.get(name);
        if (weight != null) {
          entries.add(
              new Entry(
                  name,
                  weight,
                  arguments.getOrDefault(name, MissingNode.getInstance()),
                  without.getOrDefault(name, Set.of())));
        }
      }
      return entries;
    }
  }
}
