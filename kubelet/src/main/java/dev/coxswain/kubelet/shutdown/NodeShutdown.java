package dev.coxswain.kubelet.shutdown;

import dev.coxswain.kubelet.admission.Refusal;
import dev.coxswain.kubelet.event.NodeEvents;
import dev.coxswain.kubelet.pod.Ending;
import dev.coxswain.kubelet.pod.PodDecider;
import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Pause;
import dev.coxswain.runtime.time.Time;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the node's pods in the order of their priorities because the node is about to go down. From
 * then on the node is not ready and takes no pods, until its kubelet starts anew. Thread-safe.
 */
public final class NodeShutdown {
  private static final Logger LOG = LoggerFactory.getLogger(NodeShutdown.class);
  private static final String MESSAGE = "Pod was terminated in response to imminent node shutdown.";

  /** Even one that has no time gets its signal. */
  private static final Duration LEAST_GRACE = Duration.ofSeconds(1);

  /** The API may be going down as well: it is not waited for longer than this. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final ShutdownSettings settings;
  private final ShutdownFile file;
  private final Pods pods;
  private final NodeEvents events;
  private final Notice notice;
  private final Time time;

  /** Ended by whatever changes since the pods were last looked at. */
  private final Pause changes;

  private volatile boolean begun;

  /** The node's pods. */
  public interface Pods {
    /** Those that run or may come to. */
    List<Pod> active();

    /** Has a pod end. */
    void end(String uid, Ending ending);

    /** Whether nothing of the pod runs any more and its volumes are gone. */
    boolean released(String uid);

    /** Whether the API knows the pod's newest status. */
    boolean told(String uid);

    /** Who is told, from now on, that pods may have been released or their statuses heard. */
    void onEnding(Runnable listener);
  }

  /** Has the API know that the node is not ready. */
  public interface Notice {
    /** Has the node's status written soon. */
    void send();

    /** Whether the API knows. */
    boolean heard();

    /** Who is told, from now on, that the API may know. */
    void onHearing(Runnable listener);
  }

  /**
   * A shutdown that has not begun.
   *
   * @param root the kubelet's folder, where it is written down how far it is
   */
  public NodeShutdown(
      ShutdownSettings settings,
      Path root,
      Pods pods,
      NodeEvents events,
      Notice notice,
      Time time) {
    this.settings = settings;
    this.file = new ShutdownFile(root);
    this.pods = pods;
    this.events = events;
    this.notice = notice;
    this.time = time;
    this.changes = new Pause(time);
  }

  /** Begins on a thread of its own; one that is under way goes on. */
  public synchronized void begin() {
    if (begun) {
      LOG.info("The node is shutting down already");
      return;
    }
    if (settings.periods().isEmpty()) {
      LOG.warn("The node is to shut down, but shutdownGracePeriod is not set: its pods are left");
      Instant now = time.now();
      file.ended(now, now);
      return;
    }
    begun = true;
    Thread.ofVirtual().name("node-shutdown").start(this::run);
  }

  /** Why the node is not ready. */
  public Optional<String> problem() {
    return begun ? Optional.of("node is shutting down") : Optional.empty();
  }

  /** Why the node takes no pods. */
  public Optional<Refusal> refusal() {
    return begun
        ? Optional.of(new Refusal("NodeShutdown", "Pod was rejected as the node is shutting down."))
        : Optional.empty();
  }

  private void run() {
    Instant start = time.now();
    LOG.info("The node is shutting down");
    file.started(start);
    events.normal("NodeShutdown", "Shutdown manager detected shutdown event");
    pods.onEnding(changes::end);
    notice.onHearing(changes::end);
    notice.send();
    try {
      List<Pod> active = pods.active();
      for (ShutdownSettings.Group group : settings.groups(active)) {
        end(group);
      }
      await(active, uid -> notice.heard() && pods.told(uid), LAST_WORDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      // Whoever waits for the pods to end waits for this file: the node goes down all the same.
      LOG.error("Not all pods of the node end in order: {}", Rounds.line(bug));
    }
    file.ended(start, time.now());
    LOG.info("The pods of the node have ended; it may go down");
  }

  private void end(ShutdownSettings.Group group) throws InterruptedException {
    Duration most = group.period().grace();
    for (Pod pod : group.pods()) {
      Duration own = PodDecider.grace(pod);
      Duration grace = own.compareTo(most) < 0 ? own : most;
      pods.end(
          pod.getMetadata().getUid(),
          Ending.disrupted(
              time.now(),
              grace.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : grace,
              "Terminated",
              MESSAGE,
              MESSAGE));
    }
    List<Pod> left = await(group.pods(), pods::released, most);
    for (Pod pod : left) {
      LOG.warn(
          "Pod {}/{} has not ended within {} s",
          pod.getMetadata().getNamespace(),
          pod.getMetadata().getName(),
          most.toSeconds());
    }
  }

  /** Waits until it holds for all of them; those for which it does not in time. */
  private List<Pod> await(List<Pod> all, Predicate<String> holds, Duration most)
      throws InterruptedException {
    long deadline = time.nanos() + most.toNanos();
    while (true) {
      List<Pod> left = all.stream().filter(pod -> !holds.test(pod.getMetadata().getUid())).toList();
      if (left.isEmpty() || time.nanos() - deadline >= 0) {
        return left;
      }
      changes.rest(Duration.ofNanos(deadline - time.nanos()));
    }
  }
}
