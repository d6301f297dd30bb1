package dev.coxswain.scheduler.cycle;

import static dev.coxswain.scheduler.model.Pods.labelled;
import static dev.coxswain.scheduler.model.Pods.node;
import static dev.coxswain.scheduler.model.Pods.pod;
import static dev.coxswain.scheduler.model.Pods.with;
import static dev.coxswain.scheduler.model.StoredThings.bound;
import static dev.coxswain.scheduler.model.StoredThings.claim;
import static dev.coxswain.scheduler.model.StoredThings.volume;
import static dev.coxswain.scheduler.model.StoredThings.waiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.api.selector.Requirement;
import dev.coxswain.runtime.time.Randomness;
import dev.coxswain.scheduler.framework.ReservePlugin;
import dev.coxswain.scheduler.framework.Verdict;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject.Attachment;
import dev.coxswain.scheduler.model.StorageObject.Capacity;
import dev.coxswain.scheduler.model.StorageObject.Driver;
import dev.coxswain.scheduler.model.StorageObject.NodeDrivers;
import dev.coxswain.scheduler.model.StorageObject.ProvisioningClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where pods with claims go, and what users are told when they go nowhere. */
class VolumeSchedulingTest {
  private static final String ZONE = "topology.kubernetes.io/zone";
  private static final String DISK = "disk.example.com";

  private final Randomness randomness = Randomness.seeded(11);
  private final SchedulerCore core = SchedulerCores.ofDefaults(randomness);
  private long now;

  @BeforeEach
  void twoNodesInTwoZones() {
    core.node(labelled(node("n1", 8000, 8000), ZONE, "a"), now);
    core.node(labelled(node("n2", 8000, 8000), ZONE, "b"), now);
  }

  @Test
  void aClaimHasToBeThere() {
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("nodes are available: persistentvolumeclaim \"data\" not found.");
    core.storage(bound("data", "v"), now);
    core.storage(volume("v", 1, Map.of(), "n2"), now);
    assertThat(nodeLater()).isEqualTo("n2");
  }

  @Test
  void aClaimThatDoesNotWaitForItsPodMustBeBoundAlready() {
    core.storage(claim("data", "slow", 1), now);
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("pod has unbound immediate PersistentVolumeClaims");
    core.storage(bound("other", "v"), now);
    assertThat(core.queue().unschedulable()).as("somebody else's claim does not help").isEqualTo(1);
    core.storage(volume("v", 1, Map.of()), now);
    core.storage(bound("data", "v"), now);
    assertThat(nodeLater()).isNotEmpty();
  }

  @Test
  void aPodGoesWhereItsVolumeCanBeReached() {
    core.storage(bound("data", "v"), now);
    core.storage(volume("v", 1, Map.of(), "elsewhere"), now);
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("2 node(s) didn't match PersistentVolume's node affinity");
  }

  @Test
  void allThatStandsAgainstANodeIsSaid() {
    core.storage(waiting("fast", "kubernetes.io/no-provisioner"), now);
    core.storage(bound("data", "v"), now);
    core.storage(volume("v", 1, Map.of(), "elsewhere"), now);
    core.storage(claim("log", "fast", 5), now);
    core.pod(using("p", "data", "log"), now);
    assertThat(reason())
        .contains(
            "2 node(s) didn't find available persistent volumes to bind, 2 node(s) didn't match"
                + " PersistentVolume's node affinity.");
  }

  @Test
  void aClaimMayHaveLostItsVolume() {
    core.storage(bound("data", "v"), now);
    core.pod(using("p", "data"), now);
    assertThat(reason())
        .contains("2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
  }

  @Test
  void withoutAProvisionerAClaimNeedsAVolumeThatExists() {
    core.storage(waiting("fast", "kubernetes.io/no-provisioner"), now);
    core.storage(claim("data", "fast", 5), now);
    core.storage(volume("small", 4, Map.of(), "n1"), now);
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("2 node(s) didn't find available persistent volumes to bind");
    core.storage(volume("large", 6, Map.of(), "n2"), now);
    assertThat(nodeLater()).isEqualTo("n2");
  }

  @Test
  void twoClaimsNeedTwoVolumesOfOneNode() {
    core.storage(waiting("fast", "kubernetes.io/no-provisioner"), now);
    core.storage(claim("data", "fast", 1), now);
    core.storage(claim("log", "fast", 5), now);
    core.storage(volume("a", 9, Map.of(), "n1"), now);
    core.storage(volume("b", 9, Map.of(), "n2"), now);
    core.pod(using("p", "data", "log"), now);
    assertThat(reason()).contains("2 node(s) didn't find available persistent volumes to bind");
    core.storage(volume("c", 1, Map.of(), "n2"), now);
    assertThat(nodeLater()).isEqualTo("n2");
  }

  @Test
  void aVolumeThatIsBeingGivenAwayIsNotGivenTwice() {
    core.storage(waiting("fast", "kubernetes.io/no-provisioner"), now);
    core.storage(claim("one", "fast", 1), now);
    core.storage(claim("two", "fast", 1), now);
    core.storage(volume("v", 1, Map.of(), "n1"), now);
    core.pod(using("p", "one"), now);
    core.pod(using("q", "two"), now);
    Step.Bind first = bind();
    assertThat(first.node()).isEqualTo("n1");
    reserve(first);
    assertThat(reason()).contains("2 node(s) didn't find available persistent volumes to bind");

    // The first one's binding fails, and its volume is anybody's again.
    first
        .profile()
        .of(ReservePlugin.class)
        .forEach(plugin -> plugin.unreserve(first.state(), first.pod(), first.node()));
    core.notBound(first.queued(), java.util.Optional.empty(), now);
    assertThat(nodeLater()).isEqualTo("n1");
  }

  @Test
  void aVolumeIsMadeWhereItsClassAllowsIt() {
    core.storage(
        new ProvisioningClass(
            ObjectKey.cluster("fast"),
            DISK,
            true,
            List.of(List.of(new Requirement(ZONE, Requirement.Operator.IN, List.of("b"))))),
        now);
    core.storage(claim("data", "fast", 1), now);
    core.pod(using("p", "data"), now);
    assertThat(bind().node()).isEqualTo("n2");
  }

  @Test
  void aVolumeIsMadeWhereItsDriverHasRoom() {
    core.storage(waiting("fast", DISK), now);
    core.storage(new Driver(ObjectKey.cluster(DISK), true), now);
    core.storage(claim("data", "fast", 10), now);
    core.storage(capacity("a", 9), now);
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("2 node(s) did not have enough free storage");
    core.storage(capacity("b", 10), now);
    assertThat(nodeLater()).isEqualTo("n2");
  }

  private static Capacity capacity(String zone, long largest) {
    return new Capacity(
        new ObjectKey("kube-system", "in-" + zone),
        "fast",
        LabelSelector.ofLabels(Map.of(ZONE, zone)),
        largest);
  }

  @Test
  void whereAVolumeIsBeingMadeAlreadyItsPodGoes() {
    core.storage(waiting("fast", DISK), now);
    core.storage(claim("data", "fast", 1, "", "n2"), now);
    core.pod(using("p", "data"), now);
    assertThat(bind().node()).isEqualTo("n2");
  }

  @Test
  void aClaimForOnePodIsForOnePodInTheWholeCluster() {
    core.storage(bound("data", "v", "ReadWriteOncePod"), now);
    core.storage(volume("v", 1, Map.of()), now);
    core.pod(using("there", "data").on("n1"), now);
    core.pod(using("p", "data"), now);
    assertThat(reason())
        .contains(
            "2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode"
                + " already in-use by another pod.");
    core.podGone(using("unrelated", "other").on("n1"), now);
    assertThat(core.queue().unschedulable()).isEqualTo(1);
    core.podGone(using("there", "data").on("n1"), now);
    assertThat(nodeLater()).isNotEmpty();
  }

  @Test
  void anImportantPodTakesAClaimForOnePodFromAnother() {
    core.storage(bound("data", "v", "ReadWriteOncePod"), now);
    core.storage(volume("v", 1, Map.of()), now);
    core.pod(using("there", "data").on("n1"), now);
    core.pod(with(using("p", "data"), draft -> draft.priority = 10), now);
    Step.Unfit unfit = (Step.Unfit) core.next(now).orElseThrow();
    assertThat(unfit.remedy())
        .isInstanceOfSatisfying(
            dev.coxswain.scheduler.framework.PostFilterPlugin.Remedy.Evict.class,
            evict -> assertThat(evict.node()).isEqualTo("n1"));
  }

  @Test
  void aPodGoesIntoTheZoneOfItsVolume() {
    core.storage(bound("data", "v"), now);
    core.storage(volume("v", 1, Map.of(ZONE, "c__d")), now);
    core.pod(using("p", "data"), now);
    assertThat(reason()).contains("2 node(s) had no available volume zone");
    core.node(labelled(node("n3", 1000, 1000), ZONE, "d"), now);
    assertThat(nodeLater()).isEqualTo("n3");
  }

  @Test
  void anOldVolumesZoneIsThatOfNodesThoughTheLabelHasAnotherName() {
    core.storage(bound("data", "v"), now);
    core.storage(volume("v", 1, Map.of("failure-domain.beta.kubernetes.io/zone", "b")), now);
    core.pod(using("p", "data"), now);
    assertThat(bind().node()).isEqualTo("n2");
  }

  @Test
  void aNodeTakesAsManyVolumesAsItsDriverSays() {
    core.storage(waiting("fast", DISK), now);
    core.nodeGone("n2", now);
    core.storage(new NodeDrivers(ObjectKey.cluster("n1"), Map.of(DISK, 2)), now);
    core.storage(bound("one", "v1"), now);
    core.storage(volume("v1", 1, Map.of()), now);
    core.storage(volume("v2", 1, Map.of()), now);
    Attachment attachment = new Attachment(ObjectKey.cluster("left"), DISK, "n1", "v2");
    core.storage(attachment, now);
    core.pod(using("there", "one").on("n1"), now);
    core.pod(using("again", "one"), now);
    assertThat(bind().node()).as("a volume that is there already costs nothing").isEqualTo("n1");
    core.storage(claim("more", "fast", 9), now);
    core.pod(using("p", "more"), now);
    assertThat(reason()).contains("1 node(s) exceed max volume count");
    core.storageGone(attachment, now);
    assertThat(nodeLater()).isEqualTo("n1");
  }

  private static PodInfo using(String name, String... claims) {
    return with(
        pod(name, 100, 100),
        draft ->
            draft.claims =
                Arrays.stream(claims).map(one -> new PodInfo.ClaimUse(one, false)).toList());
  }

  private static void reserve(Step.Bind bind) {
    bind.profile()
        .of(ReservePlugin.class)
        .forEach(plugin ->
            assertThat(plugin.reserve(bind.state(), bind.pod(), bind.node()))
                .isEqualTo(Verdict.PASS));
  }

  private Step.Bind bind() {
    return (Step.Bind) core.next(now).orElseThrow();
  }

  private String nodeLater() {
    now += Duration.ofSeconds(10).toNanos();
    return bind().node();
  }

  private String reason() {
    return ((Step.Unfit) core.next(now).orElseThrow()).message();
  }
}
