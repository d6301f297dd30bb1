package dev.coxswain.scheduler.binding;

import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.runtime.client.ApiClient;
import dev.coxswain.runtime.client.Informer;
import dev.coxswain.runtime.client.ResourceClient;
import dev.coxswain.scheduler.framework.VolumeWriter;
import dev.coxswain.scheduler.framework.WaitingPods;
import dev.coxswain.scheduler.model.NodeReader;
import dev.coxswain.scheduler.model.NodeSpec;
import dev.coxswain.scheduler.model.PodInfo;
import dev.coxswain.scheduler.model.StorageObject.Claim;
import dev.coxswain.scheduler.model.StorageReader;
import dev.coxswain.scheduler.snapshot.VolumePlan;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Carries out volume plans at the API server: a volume is kept for its claim by {@code claimRef}, a
 * claim whose volume is to be made says for which node. The volume controller and the storage
 * drivers do the rest; the claims' informer tells when they have.
 */
public final class ClaimWriter implements VolumeWriter {
  private static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

  private final ResourceClient<PersistentVolume> volumes;
  private final ResourceClient<PersistentVolumeClaim> claims;
  private final ResourceClient<Node> nodes;
  private final Informer<PersistentVolumeClaim> known;
  private final WaitingPods waiting;
  private final Informer<Pod> pods;

  /** Who waits for a claim; bounded by the claims of pods that may be under way. */
  private final Map<ObjectKey, List<Waiter>> waiters = new ConcurrentHashMap<>();

  /**
   * Writes through a client.
   *
   * @param known the claims as last heard of, not started yet
   * @param pods the pods as last heard of by those who reject the waiting ones that are deleted
   */
  public ClaimWriter(
      ApiClient api,
      Informer<PersistentVolumeClaim> known,
      WaitingPods waiting,
      Informer<Pod> pods) {
    this.volumes = api.resource(PersistentVolume.class);
    this.claims = api.resource(PersistentVolumeClaim.class);
    this.nodes = api.resource(Node.class);
    this.known = known;
    this.waiting = waiting;
    this.pods = pods;
    known.handle(
        new Informer.Handler<>() {
          @Override
          public void added(PersistentVolumeClaim claim) {
            heardOf(claim);
          }

          @Override
          public void updated(PersistentVolumeClaim before, PersistentVolumeClaim after) {
            heardOf(after);
          }

          @Override
          public void deleted(PersistentVolumeClaim last) {
            heardOf(last);
          }
        });
  }

  /** A pod whose claims are being bound. */
  private final class Waiter {
    private final ObjectKey pod;
    private final String node;
    private final Set<ObjectKey> all;

    /**
     * Claims that were seen with their node: from then on its absence is a provisioner's refusal.
     */
    private final Set<ObjectKey> asked = new HashSet<>();

    Waiter(ObjectKey pod, String node, VolumePlan plan) {
      this.pod = pod;
      this.node = node;
      this.all = new HashSet<>(plan.volumes().keySet());
      this.all.addAll(plan.provision());
    }

    synchronized void look() {
      boolean done = true;
      for (ObjectKey key : all) {
        Optional<Claim> claim = known.find(key).map(StorageReader::claim);
        String obstacle = claim.map(this::obstacle).orElse("claim " + key + " is gone");
        if (!obstacle.isEmpty()) {
          waiting.reject(pod, obstacle);
          return;
        }
        done &= claim.orElseThrow().settled();
      }
      if (done) {
        waiting.allow(pod);
      }
    }

    private String obstacle(Claim claim) {
      if (claim.state() != Claim.State.USABLE) {
        return "claim " + claim.key() + " is lost or being deleted";
      }
      if (claim.selectedNode().equals(node)) {
        asked.add(claim.key());
      } else if (!claim.settled() && asked.contains(claim.key())) {
        return "provisioning failed for PVC \"" + claim.key().name() + "\"";
      }
      return "";
    }
  }

  private void heardOf(PersistentVolumeClaim claim) {
    var key = new ObjectKey(claim.getMetadata().getNamespace(), claim.getMetadata().getName());
    waiters.getOrDefault(key, List.of()).forEach(Waiter::look);
  }

  @Override
  public void write(PodInfo pod, String node, VolumePlan plan, Duration patience)
      throws InterruptedException {
    Waiter waiter = new Waiter(pod.key(), node, plan);
    CompletableFuture<String> end = waiting.add(pod.key());
    waiter.all.forEach(claim -> begin(claim, waiter));
    try {
      if (!isThere(pod)) {
        // Nobody tells again what was told before there was anybody to reject.
        throw new IllegalStateException("binding volumes: the pod was deleted");
      }
      plan.volumes().forEach(this::give);
      plan.provision().forEach(claim -> ask(claim, node));
      waiter.look();
      String objection = waiting.await(pod.key(), end, patience, "context deadline exceeded");
      if (!objection.isEmpty()) {
        throw new IllegalStateException("binding volumes: " + objection);
      }
      requireReach(waiter.all, node);
    } finally {
      waiting.forget(pod.key(), end);
      waiter.all.forEach(claim -> end(claim, waiter));
    }
  }

  /**
   * A volume may have been made elsewhere than was asked for: a pod that is bound all the same
   * never starts, while one that is tried again goes where its volume is.
   */
  private void requireReach(Set<ObjectKey> keys, String name) {
    Optional<NodeSpec> node = nodes.find(ObjectKey.cluster(name)).map(NodeReader::read);
    if (node.isEmpty()) {
      throw new IllegalStateException("binding volumes: node \"" + name + "\" not found");
    }
    for (ObjectKey key : keys) {
      String volume = live(key).getSpec().getVolumeName();
      boolean reached =
          volumes
              .find(ObjectKey.cluster(volume))
              .map(StorageReader::volume)
              .filter(there -> !there.reach().allows(node.get()))
              .isEmpty();
      if (!reached) {
        throw new IllegalStateException(
            "binding volumes: pv \""
                + volume
                + "\" node affinity doesn't match node \""
                + name
                + "\": no matching NodeSelectorTerms");
      }
    }
  }

  private boolean isThere(PodInfo pod) {
    return pods.find(pod.key())
        .filter(there -> pod.uid().equals(there.getMetadata().getUid()))
        .isPresent();
  }

  /** In one step, as its end is: else it might join a list that has just been put away. */
  private void begin(ObjectKey claim, Waiter waiter) {
    waiters.compute(
        claim,
        (same, others) -> {
          List<Waiter> all = others == null ? new CopyOnWriteArrayList<>() : others;
          all.add(waiter);
          return all;
        });
  }

  private void end(ObjectKey claim, Waiter waiter) {
    waiters.computeIfPresent(
        claim,
        (same, others) -> {
          others.remove(waiter);
          return others.isEmpty() ? null : others;
        });
  }

  /** Keeps the volume for the claim. */
  private void give(ObjectKey key, String name) {
    PersistentVolumeClaim claim = live(key);
    PersistentVolume volume =
        volumes
            .find(ObjectKey.cluster(name))
            .orElseThrow(() -> new IllegalStateException("binding volumes: " + name + " is gone"));
    var taken = StorageReader.volume(volume);
    if (!taken.claim().name().isEmpty() && !taken.keptFor(StorageReader.claim(claim))) {
      throw new IllegalStateException(
          "binding volumes: " + name + " was given to claim " + taken.claim());
    }
    if (!taken.claimUid().isEmpty()) {
      return;
    }
    var change = new PersistentVolumeBuilder(volume);
    if (taken.claim().name().isEmpty()) {
      change.editMetadata().addToAnnotations(BOUND_BY_CONTROLLER, "yes").endMetadata();
    }
    volumes.update(
        change
            .editSpec()
            .withClaimRef(
                new ObjectReferenceBuilder()
                    .withApiVersion("v1")
                    .withKind("PersistentVolumeClaim")
                    .withNamespace(key.namespace())
                    .withName(key.name())
                    .withUid(claim.getMetadata().getUid())
                    .withResourceVersion(claim.getMetadata().getResourceVersion())
                    .build())
            .endSpec()
            .build());
  }

  /** Says for which node the claim's volume is to be made. */
  private void ask(ObjectKey key, String node) {
    PersistentVolumeClaim claim = live(key);
    if (!StorageReader.claim(claim).selectedNode().equals(node)) {
      claims.update(
          new PersistentVolumeClaimBuilder(claim)
              .editMetadata()
              .addToAnnotations(StorageReader.SELECTED_NODE, node)
              .endMetadata()
              .build());
    }
  }

  private PersistentVolumeClaim live(ObjectKey key) {
    return claims
        .find(key)
        .orElseThrow(() -> new IllegalStateException("binding volumes: " + key + " is gone"));
  }
}
