package dev.coxswain.scheduler.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.runtime.client.LeaderElector;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.cycle.SchedulerCore;
import dev.coxswain.scheduler.cycle.Step;
import dev.coxswain.scheduler.framework.FilterPlugin;
import dev.coxswain.scheduler.framework.Handle;
import dev.coxswain.scheduler.framework.PermitPlugin;
import dev.coxswain.scheduler.framework.Plugin;
import dev.coxswain.scheduler.framework.PostFilterPlugin;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.framework.Profile;
import dev.coxswain.scheduler.framework.ScorePlugin;
import dev.coxswain.scheduler.model.AffinityTerm;
import dev.coxswain.scheduler.model.Budget;
import dev.coxswain.scheduler.model.NodeAffinity;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Pods;
import dev.coxswain.scheduler.model.Resources;
import dev.coxswain.scheduler.model.Wishes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchedulerConfigurationTest {
  private static final String HEAD =
      """
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: KubeSchedulerConfiguration
      """;

  @Test
  void profilesPluginsAndWeightsAreRead() {
    SchedulerConfiguration configuration =
        SchedulerConfiguration.parse(
            HEAD
                + """
                podInitialBackoffSeconds: 2
                podMaxBackoffSeconds: 20
                percentageOfNodesToScore: 30
                leaderElection: {leaderElect: false, leaseDuration: 15s, renewDeadline: 10s, retryPeriod: 2s}
                profiles:
                - schedulerName: packer
                  pluginConfig:
                  - name: NodeResourcesFit
                    args: {scoringStrategy: {type: MostAllocated}}
                  plugins:
                    score:
                      disabled: [{name: NodeResourcesBalancedAllocation}, {name: ImageLocality}]
                      enabled: [{name: NodeResourcesFit, weight: 5}]
                    multiPoint:
                      disabled: [{name: DefaultPreemption}]
                - schedulerName: plain
                  plugins:
                    multiPoint:
                      disabled: [{name: "*"}]
                      enabled: [{name: NodeName}, {name: DefaultBinder}]
                """);
    assertThat(configuration.backoff().first()).isEqualTo(Duration.ofSeconds(2));
    assertThat(configuration.backoff().last()).isEqualTo(Duration.ofSeconds(20));
    assertThat(configuration.leaderElect()).isFalse();
    assertThat(configuration.leaderTiming())
        .isEqualTo(
            new LeaderElector.Timing(
                Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2)));

    Profile packer = configuration.profiles().get(0).profile(Handle.deciding(Randomness.seeded(1)));
    assertThat(packer.schedulerName()).isEqualTo("packer");
    assertThat(packer.percentageOfNodesToScore()).isEqualTo(30);
    assertThat(names(packer.of(ScorePlugin.class)))
        .contains("NodeResourcesFit")
        .doesNotContain("NodeResourcesBalancedAllocation", "ImageLocality");
    assertThat(names(packer.of(Plugin.class)))
        .contains("ImageLocality")
        .doesNotContain("DefaultPreemption");
    assertThat(configuration.profiles().get(0).plugins())
        .anyMatch(entry -> entry.name().equals("NodeResourcesFit") && entry.weight() == 5);

    Profile plain = configuration.profiles().get(1).profile(Handle.deciding(Randomness.seeded(1)));
    assertThat(names(plain.of(FilterPlugin.class))).containsExactly("NodeName");
    assertThat(names(plain.of(Plugin.class))).containsExactly("PrioritySort", "NodeName");
  }

  @Test
  void whatHasNoMeaningHereIsAcceptedAndASecondSchedulerHasALeaseOfItsOwn() {
    assertThat(SchedulerConfiguration.DEFAULT.lease())
        .isEqualTo(new ObjectKey("kube-system", "kube-scheduler"));
    SchedulerConfiguration configuration =
        SchedulerConfiguration.parse(
            HEAD
                + """
                parallelism: 16
                delayCacheUntilActive: true
                extenders: []
                podMaxBackoffSeconds: 7200
                leaderElection:
                  leaderElect: true
                  resourceLock: leases
                  resourceName: my-scheduler
                  resourceNamespace: tools
                profiles:
                - schedulerName: my-scheduler
                  plugins:
                    score: {enabled: [{name: NodeResourcesFit, weight: 10000}]}
                """);
    assertThat(configuration.lease()).isEqualTo(new ObjectKey("tools", "my-scheduler"));
    assertThat(configuration.profiles().getFirst().plugins())
        .anyMatch(entry -> entry.weight() == 10_000);
  }

  @Test
  void gangsAreForTheProfilesThatAskForThem() {
    SchedulerConfiguration configuration =
        SchedulerConfiguration.parse(
            HEAD
                + """
                profiles:
                  - schedulerName: default-scheduler
                  - schedulerName: batch-scheduler
                    plugins:
                      queueSort: {enabled: [{name: Coscheduling}]}
                      preFilter: {enabled: [{name: Coscheduling}]}
                      postFilter: {enabled: [{name: Coscheduling}]}
                      permit: {enabled: [{name: Coscheduling}]}
                      reserve: {enabled: [{name: Coscheduling}]}
                      score: {disabled: [{name: NodeResourcesMostAllocated}]}
                    pluginConfig:
                      - name: PodTopologySpread
                        args:
                          defaultingType: List
                          defaultConstraints:
                            - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}
                """);
    Handle handle = Handle.deciding(Randomness.seeded(1));
    assertThat(names(configuration.profiles().get(0).profile(handle).of(Plugin.class)))
        .doesNotContain("Coscheduling");
    Profile batch = configuration.profiles().get(1).profile(handle);
    assertThat(names(batch.of(PermitPlugin.class))).containsExactly("Coscheduling");
    assertThat(names(batch.of(PostFilterPlugin.class)))
        .containsExactly("DefaultPreemption", "Coscheduling");
  }

  @Test
  void nodesAreLikedByTheResourcesThatTheFileNames() {
    assertThat(packedOnto("{name: cpu, weight: 1}")).isEqualTo("busy");
    assertThat(packedOnto("{name: cpu, weight: 1}, {name: example.com/gpu, weight: 9}"))
        .isEqualTo("half");
  }

  @Test
  void aCurveSaysHowFullNodesShouldBe() {
    String shape =
        """
        type: RequestedToCapacityRatio,
        requestedToCapacityRatio: {shape: [
          {utilization: 0, score: 0}, {utilization: 50, score: 10}, {utilization: 100, score: 0}]},
        resources: [{name: cpu, weight: 1}]
        """;
    // The one that would be half full comes before the empty one and the full one.
    SchedulerCore core = core("NodeResourcesFit", "{scoringStrategy: {" + shape + "}}");
    core.node(node("empty"), 0);
    core.node(node("half"), 0);
    core.node(node("full"), 0);
    core.pod(pod("a", 3800, 0).on("half"), 0);
    core.pod(pod("b", 7500, 0).on("full"), 0);
    core.pod(pod("p", 100, 0), 0);
    assertThat(((Step.Bind) core.next(0).orElseThrow()).node()).isEqualTo("half");
  }

  @Test
  void whatOthersSeeToNeedNotFit() {
    for (String ignored :
        List.of("ignoredResources: [example.com/gpu]", "ignoredResourceGroups: [example.com]")) {
      SchedulerCore core = core("NodeResourcesFit", "{" + ignored + "}");
      core.node(node("n"), 0);
      core.pod(pod("p", 100, 1000), 0);
      assertThat(core.next(0).orElseThrow()).as(ignored).isInstanceOf(Step.Bind.class);
    }
  }

  @Test
  void whatAllPodsAskOfNodesIsAddedToWhatTheyAskThemselves() {
    SchedulerCore core =
        core(
            "NodeAffinity",
            "{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution:"
                + " {nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values:"
                + " [batch]}]}]}}}");
    core.node(node("other"), 0);
    core.pod(pod("p", 100, 1), 0);
    assertThat(((Step.Unfit) core.next(0).orElseThrow()).message())
        .contains("1 node(s) didn't match scheduler-enforced node affinity");
    core.node(Pods.labelled(node("batch"), "pool", "batch"), 0);
    long later = Duration.ofSeconds(2).toNanos();
    assertThat(((Step.Bind) core.next(later).orElseThrow()).node()).isEqualTo("batch");
  }

  @Test
  void podsWithoutWishesMayBePlacedWithoutRegardToOthers() {
    assertThat(besideAFriend(false)).isEqualTo("friend");
    assertThat(besideAFriend(true)).isEqualTo("empty");
  }

  /** Where a pod goes that another one would rather have near. */
  private static String besideAFriend(boolean ignore) {
    SchedulerCore core =
        core("InterPodAffinity", "{ignorePreferredTermsOfExistingPods: " + ignore + "}");
    String key = "kubernetes.io/hostname";
    core.node(Pods.labelled(node("friend"), key, "friend"), 0);
    core.node(Pods.labelled(node("empty"), key, "empty"), 0);
    Wishes wishes =
        new Wishes(
            Map.of(),
            NodeAffinity.NONE,
            List.of(),
            List.of(),
            List.of(),
            List.of(new AffinityTerm.Weighted(100, Pods.term(key, Map.of("app", "x")))),
            List.of(),
            List.of());
    core.pod(Pods.with(pod("a", 1000, 1), draft -> draft.wishes = wishes).on("friend"), 0);
    core.pod(Pods.with(pod("p", 100, 1), draft -> draft.labels = Map.of("app", "x")), 0);
    return ((Step.Bind) core.next(0).orElseThrow()).node();
  }

  @Test
  void theResourcesThatAreToBeUsedAtOnePaceCanBeNamed() {
    SchedulerCore core =
        core(
            "NodeResourcesBalancedAllocation",
            "{resources: [{name: cpu, weight: 1}, {name: example.com/gpu, weight: 1}]}",
            "plugins: {score: {disabled: [{name: NodeResourcesFit}]}}");
    core.node(node("computing"), 0);
    core.node(node("learning"), 0);
    core.pod(pod("a", 4000, 0).on("computing"), 0);
    core.pod(pod("b", 0, 4).on("learning"), 0);
    core.pod(pod("p", 4000, 1), 0);
    assertThat(((Step.Bind) core.next(0).orElseThrow()).node()).isEqualTo("learning");
  }

  @Test
  void fewCandidatesAreEnoughButForBudgets() {
    for (String kept : List.of("n1", "n2")) {
      SchedulerCore core =
          core(
              "DefaultPreemption",
              "{minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 1}");
      core.node(node("n1"), 0);
      core.node(node("n2"), 0);
      for (String name : List.of("n1", "n2")) {
        core.pod(
            Pods.with(
                    pod("on-" + name, 8000, 0), draft -> draft.labels = Map.of("app", "on-" + name))
                .on(name),
            0);
      }
      core.budget(
          new Budget(
              new ObjectKey("default", "kept"),
              LabelSelector.ofLabels(Map.of("app", "on-" + kept)),
              0,
              Set.of()));
      core.pod(Pods.with(pod("p", 8000, 0), draft -> draft.priority = 10), 0);
      Step.Unfit unfit = (Step.Unfit) core.next(0).orElseThrow();
      assertThat(((Remedy.Evict) unfit.remedy()).node()).isNotEqualTo(kept);
    }
  }

  @Test
  void nodesWithoutTheLabelsOfConfiguredDefaultsAreTheWorstChoice() {
    SchedulerCore core =
        core(
            "PodTopologySpread",
            "{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: zone,"
                + " whenUnsatisfiable: ScheduleAnyway}]}",
            "plugins: {score: {disabled: [{name: NodeResourcesFit},"
                + " {name: NodeResourcesBalancedAllocation}]}}");
    core.node(Pods.labelled(node("labelled"), "zone", "a"), 0);
    core.node(node("bare"), 0);
    core.pod(owned("there").on("labelled"), 0);
    core.pod(owned("p"), 0);
    assertThat(((Step.Bind) core.next(0).orElseThrow()).node()).isEqualTo("labelled");
  }

  private static PodInfo owned(String name) {
    return Pods.with(pod(name, 1, 0), draft -> draft.owner = "rs");
  }

  /** With one plugin's arguments. */
  private static SchedulerCore core(String plugin, String arguments, String... more) {
    Randomness randomness = Randomness.seeded(1);
    String profile =
        "profiles: [{pluginConfig: [{name: %s, args: %s}], %s}]"
            .formatted(plugin, arguments, String.join("", more));
    SchedulerConfiguration configuration = SchedulerConfiguration.parse(HEAD + profile);
    return new SchedulerCore(
        List.of(configuration.profiles().getFirst().profile(Handle.deciding(randomness))),
        configuration.backoff(),
        randomness);
  }

  /** Which of a node that works and one whose cards are in use is packed with one more card's. */
  private static String packedOnto(String resources) {
    Randomness randomness = Randomness.seeded(1);
    SchedulerConfiguration configuration =
        SchedulerConfiguration.parse(
            HEAD
                + """
                profiles:
                - pluginConfig:
                  - name: NodeResourcesFit
                    args: {scoringStrategy: {type: MostAllocated, resources: [%s]}}
                  plugins:
                    score: {disabled: [{name: NodeResourcesBalancedAllocation}]}
                """
                    .formatted(resources));
    SchedulerCore core =
        new SchedulerCore(
            List.of(configuration.profiles().getFirst().profile(Handle.deciding(randomness))),
            configuration.backoff(),
            randomness);
    core.node(node("busy"), 0);
    core.node(node("half"), 0);
    core.pod(pod("computes", 4000, 0).on("busy"), 0);
    core.pod(pod("learns", 0, 4).on("half"), 0);
    core.pod(pod("p", 100, 1), 0);
    return ((Step.Bind) core.next(0).orElseThrow()).node();
  }

  private static NodeSpec node(String name) {
    return new NodeSpec(name, Map.of(), List.of(), false, resources(8000, 8), 110, Map.of());
  }

  private static PodInfo pod(String name, long milliCpu, long cards) {
    return Pods.with(
        Pods.pod(name, milliCpu, 0), draft -> draft.requests = resources(milliCpu, cards));
  }

  private static Resources resources(long milliCpu, long cards) {
    return new Resources(milliCpu, 0, 0, Map.of("example.com/gpu", cards));
  }

  @Test
  void aFileWithoutProfilesMeansTheDefaults() {
    SchedulerConfiguration configuration = SchedulerConfiguration.parse(HEAD);
    assertThat(configuration.profiles()).isEqualTo(SchedulerConfiguration.DEFAULT.profiles());
  }

  @Test
  void whatIsWrongIsNamedByItsPath() {
    wrong("profile: []", "profile: unknown field");
    wrong("percentageOfNodesToScore: 101", "percentageOfNodesToScore: 101 is not a number");
    wrong("profiles: [{schedulerName: a}, {schedulerName: a}]", "profiles[1].schedulerName: a");
    wrong(
        "profiles: [{plugins: {filter: {enabled: [{name: Nope}]}}}]",
        "profiles[0].plugins.filter.enabled[0].name: there is no plugin Nope");
    wrong("profiles: [{plugins: {filters: {}}}]", "profiles[0].plugins.filters: unknown field");
    wrong(
        "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type:"
            + " Random}}}]}]",
        "profiles[0].pluginConfig[0].args.scoringStrategy.type: Random is not supported");
    wrong(
        "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {resources:"
            + " [{name: cpu, weight: 101}]}}}]}]",
        "profiles[0].pluginConfig[0].args.scoringStrategy.resources[0].weight: resource weight of"
            + " cpu not in valid range [1, 100]");
    wrong(
        "profiles: [{pluginConfig: [{name: PodTopologySpread, args: {defaultingType: List,"
            + " defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable:"
            + " DoNotSchedule}]}}]}]",
        "profiles[0].pluginConfig[0].args.defaultConstraints[0].whenUnsatisfiable:"
            + " \"DoNotSchedule\" is not supported");
    args("NodeResourcesFit", "{ignoredResource: [a]}", "ignoredResource: unknown field");
    args(
        "NodeResourcesFit",
        "{ignoredResourceGroups: [example.com/gpu]}",
        "ignoredResourceGroups: example.com/gpu: resource group name can't contain '/'");
    args(
        "NodeResourcesFit",
        "{scoringStrategy: {type: RequestedToCapacityRatio}}",
        "scoringStrategy.requestedToCapacityRatio.shape: at least one point must be specified");
    args(
        "NodeResourcesFit",
        "{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape:"
            + " [{utilization: 0, score: 11}]}}}",
        "scoringStrategy.requestedToCapacityRatio.shape[0].score: 11 not in valid range [0, 10]");
    args(
        "DefaultPreemption",
        "{minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}",
        "minCandidateNodesPercentage: cannot be zero at the same time as"
            + " minCandidateNodesAbsolute");
    args("VolumeBinding", "{shape: []}", "shape: unknown field");
    args(
        "NodeResourcesBalancedAllocation",
        "{resources: [{name: cpu, weight: 2}]}",
        "resources[0].weight: 2 not in valid range [1, 1]");
    wrong("parallelism: 0", "parallelism: 0 is not a number from 1");
    wrong("leaderElection: {lease: a}", "leaderElection.lease: unknown field");
    wrong(
        "leaderElection: {resourceLock: endpoints}",
        "leaderElection.resourceLock: \"endpoints\" is not supported");
    wrong("extenders: [{urlPrefix: http://a}]", "extenders: there is no support for them");
    assertThatThrownBy(() -> SchedulerConfiguration.parse("apiVersion: v1\nkind: Pod\n"))
        .hasMessageContaining("apiVersion: is \"v1\", expected");
    assertThatThrownBy(() -> SchedulerConfiguration.parse("a: [")).hasMessageContaining("YAML");
  }

  private static void args(String plugin, String arguments, String message) {
    wrong(
        "profiles: [{pluginConfig: [{name: %s, args: %s}]}]".formatted(plugin, arguments),
        "profiles[0].pluginConfig[0].args." + message);
  }

  private static void wrong(String yaml, String message) {
    assertThatThrownBy(() -> SchedulerConfiguration.parse(HEAD + yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static List<String> names(List<? extends Plugin> plugins) {
    return plugins.stream().map(Plugin::name).toList();
  }
}
