package dev.coxswain.scheduler.cycle;

import static dev.coxswain.scheduler.model.Pods.cordoned;
import static dev.coxswain.scheduler.model.Pods.labelled;
import static dev.coxswain.scheduler.model.Pods.node;
import static dev.coxswain.scheduler.model.Pods.pod;
import static dev.coxswain.scheduler.model.Pods.tainted;
import static dev.coxswain.scheduler.model.Pods.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy;
import dev.coxswain.scheduler.model.Budget;
import dev.coxswain.scheduler.model.HostPort;
import dev.coxswain.scheduler.model.NodeAffinity;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.Pods;
import dev.coxswain.scheduler.model.Resources;
import dev.coxswain.scheduler.model.SpreadConstraint;
import dev.coxswain.scheduler.model.Taint;
import dev.coxswain.scheduler.model.Toleration;
import dev.coxswain.scheduler.model.Wishes;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Pods and nodes in, steps out: what users see of the scheduler's judgement. */
class SchedulerCoreTest {
  private static final String HOST = "kubernetes.io/hostname";
  private static final String ZONE = "topology.kubernetes.io/zone";

  private final Randomness randomness = Randomness.seeded(42);
  private final SchedulerCore core = SchedulerCores.ofDefaults(randomness);
  private long now;

  @Test
  void aPodGoesToTheNodeWithTheMostRoom() {
    core.node(node("small", 1000, 1000), now);
    core.node(node("large", 8000, 8000), now);
    core.pod(pod("p", 500, 500), now);
    assertThat(bind()).isEqualTo("large");
  }

  @Test
  void withoutNodesThereIsOneSentence() {
    core.pod(pod("p", 500, 500), now);
    assertThat(unfit().message()).isEqualTo("no nodes available to schedule pods");
  }

  @Test
  void whyAPodFitsNowhereIsCountedByReason() {
    core.node(node("n1", 1000, 1000), now);
    core.node(tainted(node("n2", 8000, 8000), new Taint("dedicated", "db", "NoSchedule")), now);
    core.node(tainted(node("n3", 8000, 8000), new Taint("dedicated", "db", "NoSchedule")), now);
    core.pod(pod("p", 1500, 500), now);
    assertThat(unfit().message())
        .isEqualTo(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated"
                + " taint(s). preemption: 0/3 nodes are available: 3 Preemption is not"
                + " helpful for scheduling.");
  }

  @Test
  void aFullNodeCouldBeEmptiedButForNobodyLessImportant() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("there", 800, 100).on("n1"), now);
    core.pod(pod("p", 500, 2000), now);
    assertThat(unfit().message())
        .isEqualTo(
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. preemption: 0/1"
                + " nodes are available: 1 Preemption is not helpful for scheduling.");
    core.podGone(pod("p", 500, 2000), now);
    core.pod(pod("q", 500, 100), now);
    assertThat(unfit().message())
        .isEqualTo(
            "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1"
                + " No preemption victims found for incoming pod.");
  }

  @Test
  void everyResourceHasItsWord() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(
        with(
            pod("p", 0, 0),
            draft -> draft.requests = new Resources(0, 0, 5, Map.of("example.com/gpu", 1L))),
        now);
    assertThat(unfit().message())
        .contains("1 Insufficient ephemeral-storage", "1 Insufficient example.com/gpu");
  }

  @Test
  void cordonedNodesAreLeftAlone() {
    core.node(cordoned(node("n1", 1000, 1000), true), now);
    core.pod(pod("p", 100, 100), now);
    assertThat(unfit().message()).contains("1 node(s) were unschedulable");
    core.node(cordoned(node("n1", 1000, 1000), false), now);
    now += Duration.ofSeconds(1).toNanos();
    assertThat(bind()).isEqualTo("n1");
  }

  @Test
  void aTolerationOpensATaintedNode() {
    core.node(tainted(node("n1", 1000, 1000), new Taint("k", "v", "NoSchedule")), now);
    core.pod(
        with(
            pod("p", 100, 100),
            draft -> draft.wishes = Pods.tolerating(new Toleration("k", false, "v", ""))),
        now);
    assertThat(bind()).isEqualTo("n1");
  }

  @Test
  void aNodeSelectorIsObeyed() {
    core.node(node("n1", 8000, 8000), now);
    core.node(labelled(node("n2", 1000, 1000), "disk", "ssd"), now);
    PodInfo picky =
        with(pod("p", 100, 100), draft -> draft.wishes = Pods.selecting(Map.of("disk", "ssd")));
    core.pod(picky, now);
    assertThat(bind()).isEqualTo("n2");
    core.pod(
        with(pod("q", 100, 100), draft -> draft.wishes = Pods.selecting(Map.of("disk", "tape"))),
        now);
    assertThat(unfit().message()).contains("2 node(s) didn't match Pod's node affinity/selector");
  }

  @Test
  void aHostPortIsTakenOnce() {
    core.node(node("n1", 1000, 1000), now);
    for (String name : List.of("p", "q")) {
      core.pod(
          with(
              pod(name, 100, 100),
              draft -> draft.hostPorts = List.of(new HostPort("0.0.0.0", "TCP", 8080))),
          now);
    }
    assertThat(bind()).isEqualTo("n1");
    assertThat(unfit().message())
        .contains("1 node(s) didn't have free ports for the requested pod ports");
  }

  @Test
  void antiAffinityOnTheHostnameGivesEachPodANodeOfItsOwn() {
    for (int index = 1; index <= 3; index++) {
      core.node(node("n" + index, 8000, 8000), now);
    }
    Set<String> nodes = new HashSet<>();
    for (int index = 1; index <= 4; index++) {
      core.pod(apart("p" + index), now);
    }
    for (int index = 1; index <= 3; index++) {
      nodes.add(bind());
    }
    assertThat(nodes).hasSize(3);
    assertThat(unfit().message()).contains("3 node(s) didn't match pod anti-affinity rules");

    // The rule binds others too: who is spoken of may not come near.
    core.pod(with(pod("q", 1, 1), draft -> draft.labels = Map.of("app", "x")), now);
    assertThat(unfit().message())
        .contains("3 node(s) didn't satisfy existing pods anti-affinity rules");
  }

  private static PodInfo apart(String name) {
    return with(
        pod(name, 100, 100),
        draft -> {
          draft.labels = Map.of("app", "x");
          draft.wishes = Pods.farFrom(HOST, Map.of("app", "x"));
        });
  }

  @Test
  void affinityFollowsAndTheFirstOfItsKindMayStart() {
    for (int index = 1; index <= 4; index++) {
      core.node(labelled(node("n" + index, 8000, 8000), ZONE, index <= 2 ? "a" : "b"), now);
    }
    Set<String> zones = new HashSet<>();
    for (int index = 1; index <= 6; index++) {
      core.pod(
          with(
              pod("p" + index, 100, 100),
              draft -> {
                draft.labels = Map.of("app", "x");
                draft.wishes = Pods.nearTo(ZONE, Map.of("app", "x"));
              }),
          now);
      zones.add(zoneOf(bind()));
    }
    assertThat(zones).hasSize(1);
    core.pod(
        with(pod("q", 1, 1), draft -> draft.wishes = Pods.nearTo(ZONE, Map.of("app", "y"))), now);
    assertThat(unfit().message()).contains("4 node(s) didn't match pod affinity rules");
  }

  private String zoneOf(String node) {
    return core.cluster().node(node).orElseThrow().spec().zone();
  }

  @Test
  void strictSpreadKeepsTheSkew() {
    for (int index = 1; index <= 4; index++) {
      core.node(
          labelled(
              node("n" + index, index == 1 ? 80_000 : 8000, 80_000), ZONE, index <= 2 ? "a" : "b"),
          now);
    }
    Map<String, Integer> perZone = new HashMap<>();
    for (int index = 1; index <= 10; index++) {
      core.pod(
          with(
              pod("p" + index, 100, 100),
              draft -> {
                draft.labels = Map.of("app", "x");
                draft.wishes = Pods.spread(ZONE, 1, Map.of("app", "x"));
              }),
          now);
      perZone.merge(zoneOf(bind()), 1, Integer::sum);
      assertThat(Math.abs(perZone.getOrDefault("a", 0) - perZone.getOrDefault("b", 0)))
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void softSpreadCountsNoPodsWhereThePodCannotBe() {
    core.node(labelled(node("a1", 8000, 8000), ZONE, "a", "disk", "ssd"), now);
    core.node(labelled(node("a2", 8000, 8000), ZONE, "a", "disk", "hdd"), now);
    core.node(labelled(node("b1", 8000, 8000), ZONE, "b", "disk", "ssd"), now);
    Wishes wishes =
        new Wishes(
            Map.of("disk", "ssd"),
            NodeAffinity.NONE,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(
                new SpreadConstraint(
                    1, ZONE, false, LabelSelector.ofLabels(Map.of("app", "db")), 1, true, false)));
    for (int index = 1; index <= 3; index++) {
      core.pod(labelledPod("on-hdd-" + index, 100, 0).on("a2"), now);
    }
    core.pod(labelledPod("on-ssd", 100, 0).on("b1"), now);
    core.pod(with(labelledPod("p", 100, 0), draft -> draft.wishes = wishes), now);
    assertThat(bind()).isEqualTo("a1");
  }

  @Test
  void aNodeOutsideTheTopologyIsNoPlaceForStrictSpread() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(
        with(pod("p", 1, 1), draft -> draft.wishes = Pods.spread(ZONE, 1, Map.of("app", "x"))),
        now);
    assertThat(unfit().message())
        .contains(
            "1 node(s) didn't match pod topology spread constraints (missing required label)");
  }

  @Test
  void podsOfOneControllerAreSpreadWithoutBeingAsked() {
    for (int index = 1; index <= 3; index++) {
      core.node(node("n" + index, 16_000, 16_000), now);
    }
    Map<String, Integer> perNode = new HashMap<>();
    for (int index = 1; index <= 9; index++) {
      core.pod(with(pod("p" + index, 0, 0), draft -> draft.owner = "rs"), now);
      perNode.merge(bind(), 1, Integer::sum);
    }
    assertThat(perNode.values()).containsOnly(3);
  }

  @Test
  void gatedPodsAreNotTried() {
    core.node(node("n1", 1000, 1000), now);
    PodInfo gated = with(pod("p", 1, 1), draft -> draft.gates = List.of("example.com/wait"));
    core.pod(gated, now);
    assertThat(core.next(now)).isEmpty();
    assertThat(core.queue().gated()).isEqualTo(1);
    core.pod(pod("p", 1, 1), now);
    assertThat(bind()).isEqualTo("n1");
  }

  @Test
  void theHigherPriorityGoesFirst() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("low", 1, 1), now);
    core.pod(with(pod("high", 1, 1), draft -> draft.priority = 10), now);
    assertThat(core.next(now).orElseThrow().queued().pod().key().name()).isEqualTo("high");
  }

  @Test
  void anImportantPodEvictsTheLeastImportantOnes() {
    core.node(node("n1", 1000, 1000), now);
    core.node(node("n2", 1000, 1000), now);
    core.pod(with(pod("a", 900, 100), draft -> draft.priority = 5).on("n1"), now);
    core.pod(with(pod("b", 450, 100), draft -> draft.priority = 1).on("n2"), now);
    core.pod(with(pod("c", 450, 100), draft -> draft.priority = 2).on("n2"), now);
    PodInfo important = with(pod("p", 500, 100), draft -> draft.priority = 100);
    core.pod(important, now);
    Remedy remedy = unfit().remedy();
    assertThat(remedy).isInstanceOf(Remedy.Evict.class);
    Remedy.Evict evict = (Remedy.Evict) remedy;
    assertThat(evict.node()).isEqualTo("n2");
    assertThat(evict.victims()).extracting(pod -> pod.key().name()).containsExactly("b");

    // The room that is being made is not given to somebody less important meanwhile.
    core.pod(important.nominatedTo("n2"), now);
    core.podGone(evict.victims().getFirst(), now);
    core.pod(with(pod("thief", 200, 1), draft -> draft.priority = 3), now);
    assertThat(unfit().message()).contains("2 Insufficient cpu");
    now += Duration.ofSeconds(2).toNanos();
    assertThat(bind()).isEqualTo("n2");
  }

  @Test
  void onlyPodsThatMatterToAnAffinityWakeThePodThatWaitsForIt() {
    core.node(node("n1", 8000, 8000), now);
    core.pod(
        with(pod("p", 100, 100), draft -> draft.wishes = Pods.nearTo(HOST, Map.of("app", "cache"))),
        now);
    assertThat(unfit().message()).contains("didn't match pod affinity rules");
    core.pod(pod("other", 100, 100).on("n1"), now);
    assertThat(core.queue().unschedulable()).isEqualTo(1);
    core.pod(
        with(pod("cache", 100, 100), draft -> draft.labels = Map.of("app", "cache")).on("n1"), now);
    assertThat(core.queue().unschedulable()).isZero();
  }

  @Test
  void onlyPodsThatAreCountedWakeOneThatIsToBeSpread() {
    core.node(labelled(node("n1", 8000, 8000), ZONE, "a"), now);
    core.node(labelled(node("n2", 100, 100), ZONE, "b"), now);
    core.pod(
        with(pod("one", 100, 100), draft -> draft.labels = Map.of("app", "web")).on("n1"), now);
    core.pod(
        with(
            pod("p", 500, 100),
            draft -> {
              draft.labels = Map.of("app", "web");
              draft.wishes = Pods.spread(ZONE, 1, Map.of("app", "web"));
            }),
        now);
    assertThat(unfit().message()).contains("didn't match pod topology spread constraints");
    core.pod(pod("other", 10, 10).on("n1"), now);
    assertThat(core.queue().unschedulable()).isEqualTo(1);
    // With it goes the zone that would have had to come first.
    core.nodeGone("n2", now);
    assertThat(core.queue().unschedulable()).isZero();
  }

  @Test
  void whoWaitsForRoomOnANodeThatIsLostMakesRoomElsewhere() {
    core.node(node("n1", 1000, 1000), now);
    core.node(node("n2", 1000, 1000), now);
    PodInfo first = with(pod("a", 900, 100), draft -> draft.priority = 1).on("n1");
    core.pod(first, now);
    core.pod(with(pod("b", 900, 100), draft -> draft.priority = 2).on("n2"), now);
    PodInfo important = with(pod("p", 500, 100), draft -> draft.priority = 100);
    core.pod(important, now);
    assertThat(evicted()).containsExactly("a");
    core.pod(important.nominatedTo("n1"), now);
    core.pod(with(first, draft -> draft.state = PodInfo.State.TERMINATING), now);
    now += Duration.ofMinutes(6).toNanos();
    assertThat(unfit().message())
        .endsWith("preemption: not eligible due to a terminating pod on the nominated node.");

    core.node(tainted(node("n1", 1000, 1000), new Taint("gone", "", "NoExecute")), now);
    now += Duration.ofMinutes(6).toNanos();
    assertThat(evicted()).containsExactly("b");
  }

  @Test
  void whoMakesRoomLeavesOthersTheirsThatIsBeingMade() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(with(pod("a", 500, 100), draft -> draft.priority = 1).on("n1"), now);
    core.pod(with(pod("b", 500, 100), draft -> draft.priority = 2).on("n1"), now);
    core.pod(with(pod("p", 500, 100), draft -> draft.priority = 100), now);
    assertThat(evicted()).containsExactly("a");
    core.pod(with(pod("q", 500, 100), draft -> draft.priority = 100), now);
    assertThat(evicted()).as("a's room is not there for both").containsExactly("b", "a");
  }

  @Test
  void whyANodeCannotBeEmptiedEnoughIsSaid() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(with(pod("a", 800, 100), draft -> draft.priority = 200).on("n1"), now);
    core.pod(with(pod("b", 100, 100), draft -> draft.priority = 1).on("n1"), now);
    core.pod(with(pod("p", 500, 100), draft -> draft.priority = 100), now);
    assertThat(unfit().message())
        .endsWith("preemption: 0/1 nodes are available: 1 Insufficient cpu.");
  }

  @Test
  void whomABudgetKeepsGoesLast() {
    core.node(node("n1", 1000, 1000), now);
    core.node(node("n2", 1000, 1000), now);
    core.pod(labelledPod("db", 900, 1).on("n1"), now);
    core.pod(with(pod("web", 900, 100), draft -> draft.priority = 5).on("n2"), now);
    core.budget(
        new Budget(
            new ObjectKey("default", "db"),
            LabelSelector.ofLabels(Map.of("app", "db")),
            0,
            Set.of()));
    core.pod(with(pod("p", 500, 100), draft -> draft.priority = 100), now);
    assertThat(evicted()).as("though the other is less important").containsExactly("web");
  }

  @Test
  void onANodeThoseWhomABudgetKeepsAreSparedFirst() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(labelledPod("db-1", 400, 1).on("n1"), now);
    core.pod(labelledPod("db-2", 400, 2).on("n1"), now);
    Budget budget =
        new Budget(
            new ObjectKey("default", "db"),
            LabelSelector.ofLabels(Map.of("app", "db")),
            1,
            Set.of());
    core.budget(budget);
    core.pod(with(pod("p", 500, 100), draft -> draft.priority = 100), now);
    assertThat(evicted()).as("the budget lets the first of them go").containsExactly("db-2");
    core.budgetGone(budget);
    core.pod(with(pod("q", 600, 100), draft -> draft.priority = 200), now);
    assertThat(evicted()).containsExactly("db-1");
  }

  private static PodInfo labelledPod(String name, long milliCpu, int priority) {
    return with(
        pod(name, milliCpu, 100),
        draft -> {
          draft.labels = Map.of("app", "db");
          draft.priority = priority;
        });
  }

  private List<String> evicted() {
    return ((Remedy.Evict) unfit().remedy())
        .victims().stream().map(pod -> pod.key().name()).toList();
  }

  @Test
  void whoNeverPreemptsSaysSo() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("a", 900, 100).on("n1"), now);
    core.pod(
        with(
            pod("p", 500, 100),
            draft -> {
              draft.priority = 100;
              draft.preempts = false;
            }),
        now);
    assertThat(unfit().message())
        .endsWith("preemption: not eligible due to preemptionPolicy=Never.");
  }

  @Test
  void aWaitingPodIsTriedAgainWhenSomethingChangesThatMayHelp() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("there", 800, 100).on("n1"), now);
    core.pod(pod("p", 500, 100), now);
    unfit();
    now += Duration.ofSeconds(2).toNanos();

    core.node(labelled(node("n1", 1000, 1000), "colour", "blue"), now);
    assertThat(core.next(now)).as("a label makes no room").isEmpty();
    core.podGone(pod("there", 0, 0), now);
    assertThat(bind()).isEqualTo("n1");
  }

  @Test
  void attemptsBackOff() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("p", 500, 100), now);
    for (int attempt = 0; attempt < 6; attempt++) {
      Step.Bind bind = (Step.Bind) core.next(now).orElseThrow();
      core.notBound(bind.queued(), Optional.empty(), now);
      long wait = core.nextDue(now).orElseThrow() - now;
      assertThat(Duration.ofNanos(wait)).isEqualTo(Duration.ofSeconds(Math.min(10, 1L << attempt)));
      assertThat(core.next(now)).isEmpty();
      now += wait;
    }
    assertThat(bind()).isEqualTo("n1");
  }

  @Test
  void aPodSeenOnItsNodeIsBoundWhateverTheCallSays() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("p", 500, 100), now);
    Step.Bind bind = (Step.Bind) core.next(now).orElseThrow();
    core.pod(pod("p", 500, 100).on("n1"), now);
    core.notBound(bind.queued(), Optional.empty(), now);
    assertThat(core.cluster().node("n1").orElseThrow().milliCpu()).isEqualTo(500);
    now += Duration.ofMinutes(1).toNanos();
    assertThat(core.next(now)).isEmpty();
  }

  @Test
  void aPodThatIsDeletedWhileItIsBoundIsNotTriedAgain() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("p", 500, 100), now);
    Step.Bind bind = (Step.Bind) core.next(now).orElseThrow();
    core.pod(with(pod("p", 500, 100), draft -> draft.state = PodInfo.State.TERMINATING), now);
    core.notBound(bind.queued(), Optional.empty(), now);
    now += Duration.ofMinutes(1).toNanos();
    assertThat(core.next(now)).as("a finalizer keeps it").isEmpty();
    assertThat(core.cluster().node("n1").orElseThrow().milliCpu()).isZero();
  }

  @Test
  void newsFromBeforeAPodWasToldOfItsRoomGivesTheRoomToNobody() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(with(pod("a", 900, 100), draft -> draft.priority = 1).on("n1"), now);
    PodInfo important = with(pod("p", 500, 100), draft -> draft.priority = 100);
    core.pod(important, now);
    assertThat(evicted()).containsExactly("a");
    core.pod(with(important, draft -> draft.labels = Map.of("late", "yes")), now);
    core.podGone(pod("a", 900, 100).on("n1"), now);
    core.pod(with(pod("thief", 900, 100), draft -> draft.priority = 50), now);
    assertThat(unfit().message()).contains("1 Insufficient cpu");

    // Once the pod has said it, it may also take it back.
    core.pod(important.nominatedTo("n1"), now);
    core.pod(important, now);
    assertThat(core.cluster().nominatedTo("n1")).isEmpty();
  }

  @Test
  void nodesThatAPodNamesOthersThanAreCountedAsSuch() {
    for (int index = 1; index <= 3; index++) {
      core.node(node("n" + index, 1000, 1000), now);
    }
    core.pod(with(pod("p", 2000, 100), draft -> draft.wishes = named(List.of(List.of("n2")))), now);
    assertThat(unfit().message())
        .isEqualTo(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s)"
                + " [NodeAffinity]. preemption: 0/3 nodes are available: 3 Preemption is not"
                + " helpful for scheduling.");
    core.pod(with(pod("q", 100, 100), draft -> draft.wishes = named(List.of(List.of("n4")))), now);
    assertThat(unfit().message())
        .startsWith("0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity].");
    core.pod(pod("other", 1, 1).on("n1"), now);
    assertThat(core.queue().unschedulable()).as("that is no news to either").isEqualTo(2);
    core.node(node("n4", 1000, 1000), now);
    assertThat(core.queue().unschedulable()).isEqualTo(1);
  }

  @Test
  void aTermThatNamesTwoNodesAtOnceIsAContradiction() {
    core.node(node("n1", 1000, 1000), now);
    core.node(node("n2", 1000, 1000), now);
    core.pod(
        with(
            pod("p", 100, 100),
            draft -> draft.wishes = named(List.of(List.of("n1"), List.of("n2")))),
        now);
    assertThat(unfit().message())
        .startsWith("0/2 nodes are available: pod affinity terms conflict.");
  }

  private static Wishes named(List<List<String>> names) {
    return new Wishes(
        Map.of(),
        new NodeAffinity(
            true,
            List.of(
                new NodeAffinity.Term(
                    List.of(),
                    names.stream()
                        .map(one -> new Requirement("metadata.name", Requirement.Operator.IN, one))
                        .toList())),
            List.of()),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void anotherPodOfTheSameNameIsAnotherPod() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(pod("p", 500, 100), now);
    Step.Bind first = (Step.Bind) core.next(now).orElseThrow();
    core.pod(with(pod("p", 700, 100), draft -> draft.uid = "other"), now);
    core.notBound(first.queued(), Optional.empty(), now);
    assertThat(bind()).isEqualTo("n1");
    assertThat(core.cluster().node("n1").orElseThrow().milliCpu()).isEqualTo(700);
  }

  @Test
  void aPodThatClaimsDevicesDoesNotRunWithoutThem() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(with(pod("p", 1, 1), draft -> draft.devices = true), now);
    assertThat(unfit().message())
        .startsWith("0/1 nodes are available: 1 cannot allocate all claims.");
  }

  @Test
  void podsOfOtherSchedulersAreNotOurs() {
    core.node(node("n1", 1000, 1000), now);
    core.pod(with(pod("p", 1, 1), draft -> draft.schedulerName = "other"), now);
    assertThat(core.next(now)).isEmpty();
  }

  private String bind() {
    Step step = core.next(now).orElseThrow();
    assertThat(step).isInstanceOf(Step.Bind.class);
    Step.Bind bind = (Step.Bind) step;
    core.bound(bind.queued());
    return bind.node();
  }

  private Step.Unfit unfit() {
    Step step = core.next(now).orElseThrow();
    assertThat(step).isInstanceOf(Step.Unfit.class);
    return (Step.Unfit) step;
  }
}
