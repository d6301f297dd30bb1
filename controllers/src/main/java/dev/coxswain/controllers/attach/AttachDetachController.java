package dev.coxswain.controllers.attach;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.controllers.manager.Actions;
import dev.coxswain.controllers.manager.Change;
import dev.coxswain.controllers.manager.Outcome;
import dev.coxswain.controllers.manager.Reconciler;
import dev.coxswain.controllers.manager.View;
import dev.coxswain.controllers.manager.Watches;
import dev.coxswain.controllers.object.Meta;
import dev.coxswain.controllers.object.Nodes;
import dev.coxswain.controllers.object.Pods;
import dev.coxswain.controllers.volume.Volumes;
import io.fabric8.kubernetes.api.model.AttachedVolume;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachmentBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks drivers, by VolumeAttachments, to attach to each node what its pods need, and to detach what
 * none of them needs and the node no longer has mounted. The drivers' own attachers do the work.
 */
public final class AttachDetachController implements Reconciler<Node> {
  private static final String ATTACHMENTS_OF_NODE = "attachments-of-node";
  private static final String ATTACHMENTS_OF_VOLUME = "attachments-of-volume";

  /** A node that has been silent for so long is taken to have nothing mounted; upstream's time. */
  private static final Duration SILENCE = Duration.ofMinutes(6);

  /** The attachments of what each node had mounted when it was last seen. Bounded by the nodes. */
  private final Map<String, Set<String>> lastMounted = new ConcurrentHashMap<>();

  /** Since when nodes are missed that left attachments behind. Bounded by the attachments. */
  private final Map<String, Instant> missedSince = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "persistentvolume-attach-detach-controller";
  }

  @Override
  public Watches<Node> watches() {
    // One at a time: two nodes that want the same volume at once would often both get it.
    return Watches.of(Node.class)
        .workers(1)
        .on(Pod.class, AttachDetachController::nodes)
        .on(
            PersistentVolumeClaim.class,
            (change, view) -> nodesOfClaim(Meta.key(change.latest()), view))
        .on(PersistentVolume.class, (change, view) -> nodesOfVolume(change.latest(), view))
        .on(VolumeAttachment.class, AttachDetachController::concerned)
        .reads(CSIDriver.class)
        .index(Pod.class, Nodes.INDEX, Nodes::ofPod)
        .index(Pod.class, Volumes.CLAIM_INDEX, Volumes::claims)
        .index(
            VolumeAttachment.class,
            ATTACHMENTS_OF_NODE,
            attachment -> List.of(Meta.text(attachment.getSpec().getNodeName())))
        .index(
            VolumeAttachment.class,
            ATTACHMENTS_OF_VOLUME,
            attachment -> List.of(volume(attachment)));
  }

  @Override
  public Outcome reconcile(Node node, View view, Actions act) {
    Map<String, Wanted> wanted = wanted(Meta.name(node), view);
    Set<String> mounted = mounted(node);
    lastMounted.put(Meta.name(node), mounted);
    missedSince.remove(Meta.name(node));
    Map<String, VolumeAttachment> there =
        view.by(VolumeAttachment.class, ATTACHMENTS_OF_NODE, Meta.name(node)).stream()
            .collect(Collectors.toMap(Meta::name, attachment -> attachment));
    wanted.forEach((name, one) -> {
      if (!there.containsKey(name)) {
        attach(node, name, one, view, act);
      }
    });
    Outcome outcome = Outcome.done();
    var leaving = new ArrayList<VolumeAttachment>();
    for (VolumeAttachment attachment : there.values()) {
      if (!wanted.containsKey(Meta.name(attachment)) && isOurs(attachment)) {
        boolean free = !mounted.contains(Meta.name(attachment)) || Nodes.outOfService(node);
        Duration left = free ? Duration.ZERO : silence(node, view.now());
        if (!left.isPositive()) {
          leaving.add(attachment);
        } else if (!Nodes.ready(node)) {
          outcome = outcome.orSooner(Outcome.again(left));
        }
      }
    }
    // The node first: what it is told that it has it may mount at any moment.
    leaving.forEach(attachment -> there.remove(Meta.name(attachment)));
    tell(node, wanted, there, act);
    leaving.forEach(act::delete);
    return outcome;
  }

  /**
   * A node that is gone may run on for a while, as one does that was only cut off: what it had
   * mounted, and what its pods are still said to use, stays attached for as long as with a node
   * that is silent.
   */
  @Override
  public Outcome gone(ObjectKey key, View view, Actions act) {
    List<VolumeAttachment> left =
        view.by(VolumeAttachment.class, ATTACHMENTS_OF_NODE, key.name()).stream()
            .filter(AttachDetachController::isOurs)
            .toList();
    if (left.isEmpty()) {
      lastMounted.remove(key.name());
      missedSince.remove(key.name());
      return Outcome.done();
    }
    Instant since = missedSince.computeIfAbsent(key.name(), _ -> view.now());
    Duration wait = SILENCE.minus(Duration.between(since, view.now()));
    Set<String> wanted = wanted(key.name(), view).keySet();
    Outcome outcome = Outcome.done();
    for (VolumeAttachment attachment : left) {
      String name = Meta.name(attachment);
      Set<String> mounted = lastMounted.get(key.name());
      boolean inUse = wanted.contains(name) || mounted == null || mounted.contains(name);
      if (!inUse || !wait.isPositive()) {
        act.delete(attachment);
      } else {
        outcome = Outcome.again(wait);
      }
    }
    return outcome;
  }

  /** Whether it is this controller's to delete: what somebody else made under a name is theirs. */
  private static boolean isOurs(VolumeAttachment attachment) {
    return Attachable.isAttachmentName(Meta.name(attachment)) && !Meta.deleting(attachment);
  }

  /** A volume and one of the pods that need it. */
  private record Wanted(Attachable volume, Pod pod) {}

  /** What the node's pods need, by the name of its attachment. */
  private static Map<String, Wanted> wanted(String node, View view) {
    Map<String, Wanted> wanted = new LinkedHashMap<>();
    for (Pod pod : view.by(Pod.class, Nodes.INDEX, node)) {
      for (Attachable volume : Attachable.of(pod, view)) {
        wanted.putIfAbsent(volume.attachment(node), new Wanted(volume, pod));
      }
    }
    return wanted;
  }

  private static void attach(Node node, String name, Wanted wanted, View view, Actions act) {
    Attachable volume = wanted.volume();
    if (volume.exclusive() && elsewhere(node, volume, view, act)) {
      act.warning(
          wanted.pod(),
          "FailedAttachVolume",
          "Multi-Attach error for volume \""
              + volume.volume()
              + "\" Volume is already exclusively attached to one node and can't be attached to"
              + " another");
      return;
    }
    act.create(
        new VolumeAttachmentBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withAttacher(volume.driver())
            .withNodeName(Meta.name(node))
            .withNewSource()
            .withPersistentVolumeName(volume.volume())
            .endSource()
            .endSpec()
            .build());
  }

  /** Whether another node has the volume or is about to; caches may not know yet. */
  private static boolean elsewhere(Node node, Attachable volume, View view, Actions act) {
    boolean seen =
        view.by(VolumeAttachment.class, ATTACHMENTS_OF_VOLUME, volume.volume()).stream()
            .anyMatch(attachment -> !Meta.name(node).equals(attachment.getSpec().getNodeName()));
    return seen
        || view.find(PersistentVolume.class, ObjectKey.cluster(volume.volume())).stream()
            .flatMap(found -> nodesOfVolume(found, view).stream())
            .filter(other -> !other.name().equals(Meta.name(node)))
            .map(other -> ObjectKey.cluster(volume.attachment(other.name())))
            .anyMatch(other -> act.live(VolumeAttachment.class, other).isPresent());
  }

  /** The attachments of what the node says it has mounted. */
  private static Set<String> mounted(Node node) {
    return node.getStatus() == null
        ? Set.of()
        : Meta.list(node.getStatus().getVolumesInUse()).stream()
            .flatMap(name -> Attachable.attachment(name, Meta.name(node)).stream())
            .collect(Collectors.toSet());
  }

  /** How long a node must be silent yet until it counts as having nothing mounted. */
  private static Duration silence(Node node, Instant now) {
    if (Nodes.ready(node)) {
      return SILENCE;
    }
    Instant silentSince =
        Nodes.condition(node, "Ready")
            .flatMap(ready -> Meta.time(ready.getLastTransitionTime()))
            .orElse(now);
    return SILENCE.minus(Duration.between(silentSince, now));
  }

  /** Tells the node what it has, and the pods what came of their wishes. */
  private static void tell(
      Node node, Map<String, Wanted> wanted, Map<String, VolumeAttachment> there, Actions act) {
    List<AttachedVolume> known =
        node.getStatus() == null ? List.of() : Meta.list(node.getStatus().getVolumesAttached());
    Set<String> knownNames =
        known.stream().map(AttachedVolume::getName).collect(Collectors.toSet());
    wanted.forEach((name, one) -> {
      VolumeAttachment attachment = there.get(name);
      if (attachment == null || attachment.getStatus() == null) {
        return;
      }
      String volume = one.volume().volume();
      if (attached(attachment) && !knownNames.contains(one.volume().uniqueName())) {
        act.normal(
            one.pod(),
            "SuccessfulAttachVolume",
            "AttachVolume.Attach succeeded for volume \"" + volume + "\" ");
      } else if (attachment.getStatus().getAttachError() != null) {
        act.warning(
            one.pod(),
            "FailedAttachVolume",
            "AttachVolume.Attach failed for volume \""
                + volume
                + "\" : "
                + attachment.getStatus().getAttachError().getMessage());
      }
    });
    Set<String> attachedNames =
        there.values().stream()
            .filter(AttachDetachController::attached)
            .map(Meta::name)
            .collect(Collectors.toSet());
    List<AttachedVolume> now =
        Stream.concat(
                wanted.values().stream().map(one -> one.volume().uniqueName()), knownNames.stream())
            .distinct()
            .filter(name ->
                Attachable.attachment(name, Meta.name(node))
                    .filter(attachedNames::contains)
                    .isPresent())
            .sorted()
            .map(name -> new AttachedVolume("", name))
            .toList();
    if (!now.equals(known)) {
      act.updateStatus(
          new NodeBuilder(node).editStatus().withVolumesAttached(now).endStatus().build());
    }
  }

  /** One that is going may be detached at any moment. */
  private static boolean attached(VolumeAttachment attachment) {
    return attachment.getStatus() != null
        && !Meta.deleting(attachment)
        && Boolean.TRUE.equals(attachment.getStatus().getAttached());
  }

  private static String volume(VolumeAttachment attachment) {
    return attachment.getSpec().getSource() == null
        ? ""
        : Meta.text(attachment.getSpec().getSource().getPersistentVolumeName());
  }

  /** A pod wakes its node when it comes there with claims, ends or goes. */
  private static Collection<ObjectKey> nodes(Change<Pod> change, View view) {
    boolean same =
        change.before() != null
            && change.after() != null
            && Pods.node(change.before()).equals(Pods.node(change.after()))
            && Pods.finished(change.before()) == Pods.finished(change.after());
    return same
        ? List.of()
        : Stream.of(change.before(), change.after())
            .filter(Objects::nonNull)
            .filter(pod -> !Pods.node(pod).isEmpty() && !Volumes.claimKeys(pod).isEmpty())
            .map(pod -> ObjectKey.cluster(Pods.node(pod)))
            .distinct()
            .toList();
  }

  private static Collection<ObjectKey> nodesOfClaim(ObjectKey claim, View view) {
    return view.by(Pod.class, Volumes.CLAIM_INDEX, claim.toString()).stream()
        .map(Pods::node)
        .filter(node -> !node.isEmpty())
        .map(ObjectKey::cluster)
        .distinct()
        .toList();
  }

  private static Collection<ObjectKey> nodesOfVolume(PersistentVolume volume, View view) {
    return volume.getSpec().getCsi() == null
        ? List.of()
        : Volumes.claimKey(volume).map(claim -> nodesOfClaim(claim, view)).orElse(List.of());
  }

  /** An attachment concerns its node, and all that wait for the volume to be free. */
  private static Collection<ObjectKey> concerned(Change<VolumeAttachment> change, View view) {
    Optional<PersistentVolume> volume =
        view.find(PersistentVolume.class, ObjectKey.cluster(volume(change.latest())));
    return Stream.concat(
            Stream.of(ObjectKey.cluster(Meta.text(change.latest().getSpec().getNodeName()))),
            volume.stream().flatMap(found -> nodesOfVolume(found, view).stream()))
        .distinct()
        .toList();
  }
}
