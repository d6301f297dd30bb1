package dev.coxswain.scheduler.framework;

import dev.coxswain.scheduler.framework.PreFilterPlugin.Preparation;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.snapshot.Cluster;
import dev.coxswain.scheduler.snapshot.NodeInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plugins that judge the pods of one scheduler name, in their order. */
public final class Profile {
  /**
   * A plugin with its weight among scores.
   *
   * @param plugin the plugin
   * @param weight 1 or more; only scores look at it
   * @param without the extension points at which it is not asked
   */
  public record Weighted(Plugin plugin, int weight, Set<Class<? extends Plugin>> without) {
    public Weighted {
      without = Set.copyOf(without);
    }

    boolean at(Class<? extends Plugin> extensionPoint) {
      return extensionPoint.isInstance(plugin) && !without.contains(extensionPoint);
    }
  }

  private final String schedulerName;
  private final int percentageOfNodesToScore;
  private final List<Weighted> plugins;
  private final Map<String, Plugin> byName;
  private final List<PreEnqueuePlugin> preEnqueue;
  private final List<PreFilterPlugin> preFilters;
  private final List<FilterPlugin> filters;
  private final List<PostFilterPlugin> postFilters;
  private final List<PreScorePlugin> preScores;
  private final List<ScorePlugin> scores;
  private final List<Integer> weights;

  /**
   * A profile.
   *
   * @param schedulerName what pods call it by
   * @param percentageOfNodesToScore when so many of the nodes fit, no more are looked at; 0 lets
   *     the size of the cluster decide
   * @param plugins every plugin once
   */
  public Profile(String schedulerName, int percentageOfNodesToScore, List<Weighted> plugins) {
    this.schedulerName = schedulerName;
    this.percentageOfNodesToScore = percentageOfNodesToScore;
    this.plugins = List.copyOf(plugins);
    this.byName =
        plugins.stream()
            .map(Weighted::plugin)
            .collect(Collectors.toUnmodifiableMap(Plugin::name, one -> one));
    this.preEnqueue = of(PreEnqueuePlugin.class);
    this.preFilters = of(PreFilterPlugin.class);
    this.filters = of(FilterPlugin.class);
    this.postFilters = of(PostFilterPlugin.class);
    this.preScores = of(PreScorePlugin.class);
    this.scores = of(ScorePlugin.class);
    this.weights =
        plugins.stream().filter(one -> one.at(ScorePlugin.class)).map(Weighted::weight).toList();
  }

  /** The plugins at an extension point, in their order. */
  public <T extends Plugin> List<T> of(Class<T> extensionPoint) {
    return plugins.stream()
        .filter(one -> one.at(extensionPoint))
        .map(one -> extensionPoint.cast(one.plugin()))
        .toList();
  }

  /** What pods call it by. */
  public String schedulerName() {
    return schedulerName;
  }

  /** 0 lets the size of the cluster decide. */
  public int percentageOfNodesToScore() {
    return percentageOfNodesToScore;
  }

  /** The plugin that does not let the pod be tried now, if there is one. */
  public Optional<String> heldBy(PodInfo pod) {
    for (PreEnqueuePlugin plugin : preEnqueue) {
      if (plugin.preEnqueue(pod) instanceof Verdict.Rejected) {
        return Optional.of(plugin.name());
      }
    }
    return Optional.empty();
  }

  /** Whether an event may help a pod that these plugins rejected. */
  public boolean mayHelp(PodInfo waiting, Set<String> rejectedBy, ClusterEvent event) {
    if (rejectedBy.isEmpty()) {
      return true;
    }
    for (String name : rejectedBy) {
      Plugin plugin = byName.get(name);
      if (!(plugin instanceof RequeuePlugin requeue) || requeue.mayHelp(waiting, event)) {
        return true;
      }
    }
    return false;
  }

  /** Prepares all filters: proceed, with some nodes or all, or rejected, as the diagnosis says. */
  public Preparation preFilter(
      CycleState state, PodInfo pod, Cluster cluster, Diagnosis diagnosis) {
    Preparation all = Preparation.PROCEED;
    Set<String> narrowing = new TreeSet<>();
    for (PreFilterPlugin plugin : preFilters) {
      Preparation own = plugin.preFilter(state, pod, cluster);
      switch (own) {
        case Preparation.Proceed proceed -> {}
        case Preparation.Skip skip -> state.skipFilter(plugin);
        case Preparation.Only only -> {
          all = narrowed(all, only);
          narrowing.add(plugin.name());
        }
        case Preparation.Rejected rejected -> {
          diagnosis.rejected(plugin, rejected.reasons());
          return rejected;
        }
      }
      if (all instanceof Preparation.Only(Set<String> nodes) && nodes.isEmpty()) {
        String reason =
            narrowing.size() == 1
                ? "node(s) didn't satisfy plugin " + plugin.name()
                : "node(s) didn't satisfy plugin(s) ["
                    + String.join(" ", narrowing)
                    + "] simultaneously";
        diagnosis.narrowed(narrowing);
        diagnosis.rejected(plugin, List.of(reason));
        return new Preparation.Rejected(List.of(reason));
      }
    }
    if (!narrowing.isEmpty()) {
      diagnosis.narrowed(narrowing);
    }
    return all;
  }

  private static Preparation narrowed(Preparation all, Preparation.Only only) {
    if (!(all instanceof Preparation.Only(Set<String> before))) {
      return only;
    }
    Set<String> both = new HashSet<>(before);
    both.retainAll(only.nodes());
    return new Preparation.Only(both);
  }

  /** The filters that have something to say in this cycle. */
  public List<FilterPlugin> activeFilters(CycleState state) {
    List<FilterPlugin> active = new ArrayList<>(filters.size());
    for (FilterPlugin plugin : filters) {
      if (state.filters(plugin)) {
        active.add(plugin);
      }
    }
    return active;
  }

  /** Whether the node passes; the diagnosis, where one is kept, notes why it does not. */
  public static boolean passes(
      List<FilterPlugin> filters,
      CycleState state,
      PodInfo pod,
      NodeInfo node,
      @Nullable Diagnosis diagnosis) {
    for (FilterPlugin plugin : filters) {
      if (plugin.filter(state, pod, node) instanceof Verdict.Rejected rejected) {
        if (diagnosis != null) {
          diagnosis.rejected(node, plugin, rejected);
        }
        return false;
      }
    }
    return true;
  }

  /** The weighted sum of all scores for each of these nodes, in their order. */
  public long[] score(CycleState state, PodInfo pod, Cluster cluster, List<NodeInfo> nodes) {
    Set<Plugin> silent = new HashSet<>();
    for (PreScorePlugin plugin : preScores) {
      if (!plugin.preScore(state, pod, cluster, nodes)) {
        silent.add(plugin);
      }
    }
    long[] totals = new long[nodes.size()];
    long[] own = new long[nodes.size()];
    for (int index = 0; index < scores.size(); index++) {
      ScorePlugin plugin = scores.get(index);
      if (silent.contains(plugin)) {
        continue;
      }
      for (int node = 0; node < own.length; node++) {
        own[node] = plugin.score(state, pod, nodes.get(node));
      }
      plugin.normalize(state, pod, nodes, own);
      int weight = weights.get(index);
      for (int node = 0; node < own.length; node++) {
        totals[node] += weight * own[node];
      }
    }
    return totals;
  }

  /** Asks who can make room; their messages where nobody can. */
  public PostFilterPlugin.Remedy remedy(PodInfo pod, Cluster cluster, Diagnosis diagnosis) {
    List<String> messages = new ArrayList<>();
    for (PostFilterPlugin plugin : postFilters) {
      switch (plugin.postFilter(this, pod, cluster, diagnosis)) {
        case PostFilterPlugin.Remedy.None(String message) -> {
          if (!message.isEmpty()) {
            messages.add(message);
          }
        }
        case PostFilterPlugin.Remedy other -> {
          return other;
        }
      }
    }
    return new PostFilterPlugin.Remedy.None(String.join(" ", messages));
  }
}
