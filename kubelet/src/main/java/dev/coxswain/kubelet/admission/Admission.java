package dev.coxswain.kubelet.admission;

import static dev.coxswain.kubelet.pod.PendingResize.Reason.DEFERRED;
import static dev.coxswain.kubelet.pod.PendingResize.Reason.INFEASIBLE;

import dev.coxswain.api.quantity.Quantity;
import dev.coxswain.api.status.ApiException;
import dev.coxswain.kubelet.manifest.StaticPod;
import dev.coxswain.kubelet.pod.Allocation;
import dev.coxswain.kubelet.pod.PendingResize;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.kubelet.pod.QosClass;
import dev.coxswain.runtime.client.Informer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets pods onto the node, one at a time, and remembers what the admitted ones take. A pod that was
 * admitted before this kubelet started, which its status tells, stays admitted. Thread-safe.
 */
public final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
  private static final Duration SYNC_LOOK = Duration.ofSeconds(10);

  private final Map<String, Quantity> allocatable;
  private final NodeSource node;
  private final Informer<Pod> shown;
  private final Function<Pod, Optional<Refusal>> pressure;
  private final Sysctls sysctls;
  private final BooleanSupplier strictGroups;

  /** What is on the node, by pod uid, guarded by this; as many as there are pods. */
  private final Map<String, Load> admitted = new HashMap<>();

  /** Resizes that wait for room, by pod uid, in the order of asking, guarded by this. */
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  private boolean adopted;

  /** A resize that waits for room. */
  private record Waiting(Pod pod, Consumer<Optional<PendingResize>> answer) {
    /** Upstream's order: by priority, then guaranteed pods first. */
    static final Comparator<Waiting> ORDER =
        Comparator.comparingInt((Waiting one) -> -Critical.priority(one.pod()))
            .thenComparing(one -> QosClass.of(one.pod().getSpec()));
  }

  /** The node's object. */
  public interface NodeSource {
    /** As last seen; empty before it is registered. */
    Optional<Node> known();

    /**
     * As it is now.
     *
     * @throws ApiException when the API cannot be asked
     */
    Optional<Node> current();
  }

  /**
   * Admission to a node.
   *
   * @param allocatable what all pods together may use, of what the kubelet itself counts
   * @param shown the pods that the API binds to the node
   * @param pressure why the node takes no such pod while it is short of something
   * @param sysctls kernel parameters that pods may set
   * @param strictGroups whether the runtime knows the strict policy of supplemental groups
   */
  public Admission(
      Map<String, io.fabric8.kubernetes.api.model.Quantity> allocatable,
      NodeSource node,
      Informer<Pod> shown,
      Function<Pod, Optional<Refusal>> pressure,
      Sysctls sysctls,
      BooleanSupplier strictGroups) {
    this.allocatable = quantities(allocatable);
    this.node = node;
    this.shown = shown;
    this.pressure = pressure;
    this.sysctls = sysctls;
    this.strictGroups = strictGroups;
  }

  /**
   * Takes the pod or tells why not. Asks the API where what is known of the node speaks against the
   * pod: labels may have changed a moment ago.
   *
   * @param preempt is told of pods that must go so that a critical one can be taken
   */
  public Optional<Refusal> admit(Pod pod, Consumer<Pod> preempt) throws InterruptedException {
    if (wasAdmitted(pod)) {
      remember(Load.of(pod));
      return Optional.empty();
    }
    if (!StaticPod.is(pod)) {
      // Only with the list whole is it known what an earlier kubelet took.
      while (!shown.awaitSync(SYNC_LOOK)) {
        LOG.debug("Pod {} waits until the node's pods are known", pod.getMetadata().getName());
      }
      adopt();
    }
    Optional<Refusal> refusal =
        pressure
            .apply(pod)
            .or(() -> sysctls.refusal(pod))
            .or(() -> OperatingSystem.refusal(pod))
            .or(() -> SupplementalGroups.refusal(pod, strictGroups))
            .or(() -> misplaced(pod));
    return refusal.isPresent() ? refusal : place(Load.of(pod), preempt);
  }

  /**
   * A pod of this node asks for other amounts. What cannot be given now is judged again whenever
   * another pod gives something back.
   *
   * @param wanted the pod with the amounts it asks for
   * @param answer is told, now and later, why they are not given; once of nothing, when they are.
   *     Must not block
   */
  public synchronized void resize(Pod wanted, Consumer<Optional<PendingResize>> answer) {
    waiting.remove(uid(wanted));
    Optional<PendingResize> pending = give(wanted);
    answer.accept(pending);
    if (pending.isEmpty()) {
      retryResizes();
    } else if (pending.get().reason() == DEFERRED) {
      waiting.put(uid(wanted), new Waiting(wanted, answer));
    }
  }

  /** The pod takes nothing any more. */
  public synchronized void left(String uid) {
    waiting.remove(uid);
    if (admitted.remove(uid) != null) {
      retryResizes();
    }
  }

  private void retryResizes() {
    for (Waiting one : waiting.values().stream().sorted(Waiting.ORDER).toList()) {
      Optional<PendingResize> pending = give(one.pod());
      if (pending.isEmpty()) {
        waiting.remove(uid(one.pod()));
      }
      one.answer().accept(pending);
    }
  }

  /** Counts the new amounts as taken unless there is a reason against it. */
  private Optional<PendingResize> give(Pod wanted) {
    @Nullable Load before = admitted.get(uid(wanted));
    if (before == null) {
      // It has ended or is about to: nobody waits for what it gets.
      return Optional.empty();
    }
    if (StaticPod.is(wanted)) {
      return pending(INFEASIBLE, "In-place resize of static-pods is not supported");
    }
    Load load = Load.of(wanted);
    Optional<String> tooLarge = Fit.tooLarge(load, capacity());
    if (tooLarge.isPresent()) {
      return pending(INFEASIBLE, tooLarge.get());
    }
    Collection<Load> others =
        admitted.values().stream().filter(other -> !uid(other.pod()).equals(uid(wanted))).toList();
    Optional<Fit.Shortage> shortage =
        Fit.shortages(load, others, capacity()).stream()
            .filter(
                one -> load.request(one.resource()).compareTo(before.request(one.resource())) > 0)
            .findFirst();
    if (shortage.isPresent()) {
      return pending(DEFERRED, shortage.get().refusal().message());
    }
    admitted.put(uid(wanted), load);
    return Optional.empty();
  }

  private static Optional<PendingResize> pending(PendingResize.Reason reason, String message) {
    return Optional.of(new PendingResize(reason, message));
  }

  private synchronized void remember(Load load) {
    admitted.put(uid(load.pod()), load);
  }

  private synchronized Optional<Refusal> place(Load load, Consumer<Pod> preempt) {
    Collection<Load> others =
        admitted.values().stream()
            .filter(other -> !uid(other.pod()).equals(uid(load.pod())))
            .toList();
    List<Fit.Shortage> shortages = Fit.shortages(load, others, capacity());
    if (!shortages.isEmpty()) {
      Optional<List<Pod>> victims =
          Critical.is(load.pod()) ? Preemption.victims(load, others, shortages) : Optional.empty();
      if (victims.isEmpty()) {
        return Optional.of(shortages.getFirst().refusal());
      }
      for (Pod victim : victims.get()) {
        LOG.info(
            "Pod {}/{} makes room for critical pod {}/{}",
            victim.getMetadata().getNamespace(),
            victim.getMetadata().getName(),
            load.pod().getMetadata().getNamespace(),
            load.pod().getMetadata().getName());
        admitted.remove(uid(victim));
        preempt.accept(victim);
      }
      others = others.stream().filter(other -> !victims.get().contains(other.pod())).toList();
    }
    Optional<Refusal> taken = Fit.portTaken(load, others);
    if (taken.isEmpty()) {
      admitted.put(uid(load.pod()), load);
    }
    return taken;
  }

  private Optional<Refusal> misplaced(Pod pod) {
    Optional<Refusal> before = node.known().flatMap(known -> Fit.misplaced(pod, known));
    if (before.isEmpty()) {
      return before;
    }
    try {
      return node.current().flatMap(now -> Fit.misplaced(pod, now));
    } catch (ApiException away) {
      return before;
    }
  }

  /** Once: what an earlier kubelet took counts even if its worker has not come to it yet. */
  private synchronized void adopt() {
    if (!adopted) {
      adopted = true;
      shown.all().stream()
          .filter(Admission::wasAdmitted)
          .filter(pod -> !StaticPod.isMirror(pod))
          .map(Allocation::remembered)
          .forEach(pod -> admitted.putIfAbsent(uid(pod), Load.of(pod)));
    }
  }

  private Map<String, Quantity> capacity() {
    Map<String, Quantity> all = new HashMap<>();
    node.known()
        .map(Node::getStatus)
        .ifPresent(status -> all.putAll(quantities(status.getAllocatable())));
    all.putAll(allocatable);
    return all;
  }

  private static boolean wasAdmitted(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getStartTime() != null
        && !PodDecider.terminal(pod.getStatus());
  }

  private static Map<String, Quantity> quantities(
      @Nullable Map<String, io.fabric8.kubernetes.api.model.Quantity> amounts) {
    Map<String, Quantity> all = new HashMap<>();
    if (amounts != null) {
      amounts.forEach((resource, amount) -> all.put(resource, Quantity.parse(amount.toString())));
    }
    return all;
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }
}
